import { expect, test } from "@jest/globals";
import { type Descriptor, OCI_INDEX, OCI_MANIFEST, parseReference } from "@voiyd/oci-registry";
import { indexChildren, ingestRef, manifestChildren, snapshotOf, sourceOf } from "./gc-labels.js";

const blob = (digit: string): Descriptor => ({ mediaType: "x/y", digest: `sha256:${digit.repeat(64)}`, size: 1 });

test("a manifest keeps its config and its layers, by their numbers", () => {
  const manifest = { mediaType: OCI_MANIFEST, config: blob("c"), layers: [blob("1"), blob("2")] };
  expect(manifestChildren(manifest)).toEqual({
    "containerd.io/gc.ref.content.config": blob("c").digest,
    "containerd.io/gc.ref.content.l.0": blob("1").digest,
    "containerd.io/gc.ref.content.l.1": blob("2").digest,
  });
});

test("an index keeps all its manifests, whatever they are for", () => {
  const other = { ...blob("2"), platform: { os: "plan9", architecture: "z80" } };
  expect(indexChildren({ mediaType: OCI_INDEX, manifests: [blob("1"), other] })).toEqual({
    "containerd.io/gc.ref.content.m.0": blob("1").digest,
    "containerd.io/gc.ref.content.m.1": other.digest,
  });
});

test("a config keeps the top snapshot", () => {
  expect(snapshotOf("overlayfs", "sha256:1")).toEqual({ "containerd.io/gc.ref.snapshot.overlayfs": "sha256:1" });
});

test("a blob says where it came from", () => {
  expect(sourceOf(parseReference("ghcr.io/owner/app:1"))).toEqual({
    "containerd.io/distribution.source.ghcr.io": "owner/app",
  });
  expect(sourceOf(parseReference("nginx"))).toEqual({ "containerd.io/distribution.source.docker.io": "library/nginx" });
});

test.each(["manifest", "index", "config", "layer"] as const)(
  "an ingest of a %s is named as containerd's Go client names it",
  (kind) => {
    expect(ingestRef(kind, blob("1"))).toBe(`${kind}-${blob("1").digest}`);
  },
);
