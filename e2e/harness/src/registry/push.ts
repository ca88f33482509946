import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { blobPath } from "../image/layout-writer.js";
import { registryRequest } from "./registry-request.js";

interface Named {
  readonly mediaType: string;
  readonly digest: string;
}

function namedIn(value: unknown): Named[] {
  if (typeof value !== "object" || value === null || !("mediaType" in value) || !("digest" in value)) return [];
  const { mediaType, digest } = value;
  return typeof mediaType === "string" && typeof digest === "string" ? [{ mediaType, digest }] : [];
}

/** What a manifest or an index names: the manifests below it, and its blobs. */
function childrenOf(text: string): { manifests: Named[]; blobs: Named[] } {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) return { manifests: [], blobs: [] };
  const list = (candidate: unknown): Named[] => (Array.isArray(candidate) ? candidate.flatMap(namedIn) : []);
  return {
    manifests: "manifests" in value ? list(value.manifests) : [],
    blobs: [...("config" in value ? namedIn(value.config) : []), ...("layers" in value ? list(value.layers) : [])],
  };
}

async function pushBlob(base: URL, layout: string, digest: string): Promise<void> {
  const present = await registryRequest(new URL(`blobs/${digest}`, base), { method: "HEAD", accept: [200, 404] });
  if (present.status === 200) return;
  const begun = await registryRequest(new URL("blobs/uploads/", base), {
    method: "POST",
    headers: { "content-length": "0" },
    accept: [202],
  });
  if (typeof begun.headers["location"] !== "string") throw new Error(`${base.href} does not say where to upload to`);
  const upload = new URL(begun.headers["location"], base);
  upload.searchParams.set("digest", digest);
  const file = blobPath(layout, digest);
  const headers = { "content-type": "application/octet-stream", "content-length": String((await stat(file)).size) };
  await registryRequest(upload, { method: "PUT", headers, body: { file }, accept: [201] });
}

async function pushManifest(base: URL, layout: string, target: Named, name: string): Promise<void> {
  const content = await readFile(blobPath(layout, target.digest));
  const { manifests, blobs } = childrenOf(content.toString("utf8"));
  for (const blob of blobs) await pushBlob(base, layout, blob.digest);
  for (const manifest of manifests) await pushManifest(base, layout, manifest, manifest.digest);
  const headers = { "content-type": target.mediaType, "content-length": String(content.byteLength) };
  await registryRequest(new URL(`manifests/${name}`, base), { method: "PUT", headers, body: content, accept: [201] });
}

/** Pushes the image of an OCI layout, children before parents (distribution spec, "Pushing manifests"). */
export async function pushLayout(host: string, layout: string, repository: string, tag: string): Promise<string> {
  const [target] = childrenOf(await readFile(join(layout, "index.json"), "utf8")).manifests;
  if (target === undefined) throw new Error(`${layout} has no image in its index.json`);
  await pushManifest(new URL(`http://${host}/v2/${repository}/`), layout, target, tag);
  return target.digest;
}
