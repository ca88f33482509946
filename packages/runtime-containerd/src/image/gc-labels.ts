import type { ContainerdClient } from "@voiyd/containerd-client";
import type { Descriptor, Index, Manifest, Reference } from "@voiyd/oci-registry";
import { labelContent } from "../content/read-content.js";

type Labels = Readonly<Record<string, string>>;

/** Labels by which containerd's garbage collector finds the children of a blob (containerd `docs/garbage-collection.md`). */
export function manifestChildren(manifest: Manifest): Labels {
  const layers = manifest.layers.map(
    (layer, index) => [`containerd.io/gc.ref.content.l.${index}`, layer.digest] as const,
  );
  return { "containerd.io/gc.ref.content.config": manifest.config.digest, ...Object.fromEntries(layers) };
}

/** All entries count, those of other platforms too, so that a number always means the same entry. */
export function indexChildren(index: Index): Labels {
  return Object.fromEntries(
    index.manifests.map((entry, position) => [`containerd.io/gc.ref.content.m.${String(position)}`, entry.digest]),
  );
}

/** On the config: keeps the top snapshot, and with it all below. */
export function snapshotOf(snapshotter: string, chainId: string): Labels {
  return { [`containerd.io/gc.ref.snapshot.${snapshotter}`]: chainId };
}

/** Further repositories are added to those that are known already: a push mounts from any of them. */
export async function addSource(
  client: ContainerdClient,
  digest: string,
  reference: Reference,
  options: { signal?: AbortSignal },
): Promise<void> {
  const [key, repository] = Object.entries(sourceOf(reference))[0] ?? [];
  if (key === undefined || repository === undefined) return;
  const { info } = await client.content.info({ digest }, options);
  const known = (info?.labels[key] ?? "").split(",").filter((name) => name !== "");
  if (known.includes(repository)) return;
  const value = [...known, repository].sort().join(",");
  // A label with its name may have 4096 bytes; what does not fit would only have saved a later upload.
  if (key.length + value.length <= 4096) await labelContent(client, digest, { [key]: value }, options);
}

/** Where a blob came from: what a push to the same registry can mount instead of sending. */
export function sourceOf(reference: Reference): Labels {
  return { [`containerd.io/distribution.source.${reference.registry}`]: reference.repository };
}

/** The names that containerd's Go client gives to ingests, so that both resume, and wait for, each other's. */
export function ingestRef(kind: "manifest" | "index" | "config" | "layer", descriptor: Descriptor): string {
  return `${kind}-${descriptor.digest}`;
}
