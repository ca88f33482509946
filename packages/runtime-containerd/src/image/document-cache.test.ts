import { expect, jest, test } from "@jest/globals";
import { OCI_MANIFEST } from "@voiyd/oci-registry";
import { DocumentCache } from "./document-cache.js";
import type { ImageDocuments } from "./image-documents.js";

const blob = { mediaType: OCI_MANIFEST, digest: `sha256:${"0".repeat(64)}`, size: 1 };
const documents: ImageDocuments = {
  manifest: { mediaType: OCI_MANIFEST, config: blob, layers: [] },
  manifestDescriptor: blob,
  config: {
    os: "linux",
    architecture: "amd64",
    config: { exposedPorts: [], env: [], volumes: [], labels: {} },
    rootfs: { diffIds: [] },
    history: [],
  },
  chain: [],
};

test("documents are read once, until others have been used more recently", async () => {
  const cache = new DocumentCache(2);
  const read = jest.fn(async () => documents);
  for (const digest of ["a", "b", "a", "a", "c", "a"]) await cache.get(digest, read);
  expect(read).toHaveBeenCalledTimes(3);
  await cache.get("b", read);
  expect(read).toHaveBeenCalledTimes(4);
});

test("a failure is not kept", async () => {
  const cache = new DocumentCache();
  await expect(cache.get("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await expect(cache.get("a", async () => documents)).resolves.toBe(documents);
});
