import { gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import type { Descriptor } from "@voiyd/oci-registry";
import { readLayerFile } from "./layer-file.js";

/** An entry: `name` or `name -> target` or `name = target` (hard link), with content. */
type Entries = Readonly<Record<string, string>>;

function header(name: string, size: number, type: string, link: string): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("        ", 148);
  block.write(type, 156);
  block.write(link, 157, 100);
  block.write("ustar\0", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function tar(entries: Entries): Buffer {
  const blocks = Object.entries(entries).flatMap(([entry, content]) => {
    const [name = "", link = ""] = entry.split(/ (?:->|=) /);
    const type = entry.includes(" -> ") ? "2" : entry.includes(" = ") ? "1" : entry.endsWith("/") ? "5" : "0";
    const data = Buffer.from(type === "0" ? content : "");
    const long =
      name.length > 100 ? [header("././@LongLink", name.length + 1, "L", ""), pad(Buffer.from(`${name}\0`))] : [];
    return [...long, header(name, data.length, type, link), pad(data)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function pad(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** Reads from layers that are given the lowest first, in pieces of an odd size. */
function read(
  layers: readonly Entries[],
  path = "/etc/passwd",
  mediaType = "application/vnd.oci.image.layer.v1.tar+gzip",
): Promise<string | undefined> {
  const blobs = layers.map((layer) => (mediaType.endsWith("gzip") ? gzipSync(tar(layer)) : tar(layer)));
  const client = {
    content: {
      async *read({ digest }: { digest: string }) {
        const blob = blobs[Number(digest)] ?? Buffer.alloc(0);
        for (let at = 0; at < blob.length; at += 701) yield { data: new Uint8Array(blob.subarray(at, at + 701)) };
      },
    },
  };
  const descriptors: Descriptor[] = blobs.map((blob, index) => ({
    mediaType,
    digest: String(index),
    size: blob.length,
  }));
  return readLayerFile(client.content, descriptors, path, {});
}

const CASES: readonly (readonly [name: string, layers: readonly Entries[], expected: string | undefined])[] = [
  ["a file", [{ "etc/": "", "etc/passwd": "a" }], "a"],
  ["a file whose folder is not named", [{ "etc/passwd": "a" }], "a"],
  ["names that begin with ./", [{ "./etc/passwd": "a" }], "a"],
  ["nothing", [{ "etc/group": "a" }], undefined],
  ["the uppermost of two", [{ "etc/passwd": "low" }, { "etc/passwd": "high" }], "high"],
  ["a lower one that stays", [{ "etc/passwd": "low" }, { "etc/group": "high" }], "low"],
  ["a removed file", [{ "etc/passwd": "low" }, { "etc/.wh.passwd": "" }], undefined],
  ["a file that came back", [{ "etc/passwd": "low" }, { "etc/.wh.passwd": "" }, { "etc/passwd": "new" }], "new"],
  [
    "a whiteout beside the file it is about",
    [{ "etc/passwd": "low" }, { "etc/passwd": "new", "etc/.wh.passwd": "" }],
    "new",
  ],
  ["a removed folder", [{ "etc/passwd": "low" }, { ".wh.etc": "" }], undefined],
  ["an opaque folder", [{ "etc/passwd": "low" }, { "etc/.wh..wh..opq": "", "etc/x": "" }], undefined],
  ["an opaque folder with the file", [{ "etc/passwd": "low" }, { "etc/.wh..wh..opq": "", "etc/passwd": "new" }], "new"],
  ["a folder that became a file", [{ "etc/passwd": "low" }, { etc: "x" }], undefined],
  ["a relative link", [{ "etc/passwd -> ../usr/passwd": "", "usr/passwd": "a" }], "a"],
  ["an absolute link of a folder", [{ "etc -> /usr/etc": "" }, { "usr/etc/passwd": "a" }], "a"],
  ["a hard link", [{ "usr/passwd": "a", "etc/passwd = usr/passwd": "" }], "a"],
  ["a link that wants to leave", [{ "etc/passwd -> ../../../../passwd": "", passwd: "a" }], "a"],
  ["a link to itself", [{ "etc/passwd -> passwd": "" }], undefined],
  ["links in a ring", [{ "etc -> /b": "", "b -> /etc": "" }], undefined],
  ["a long name before it", [{ [`${"d".repeat(120)}/x`]: "no", "etc/passwd": "a" }], "a"],
  ["a folder in its place", [{ "etc/passwd/": "" }], undefined],
];

describe("a file read from layers", () => {
  test.each(CASES)("%s", async (_name, layers, expected) => {
    expect(await read(layers)).toBe(expected);
  });

  test("may come without compression", async () => {
    expect(await read([{ "etc/passwd": "a" }], "/etc/passwd", "application/vnd.oci.image.layer.v1.tar")).toBe("a");
  });

  test("cannot be had from a compression that Node.js does not know, and says so", async () => {
    await expect(
      read([{ "etc/passwd": "a" }], "/etc/passwd", "application/vnd.oci.image.layer.v1.tar+zstd"),
    ).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
    });
  });

  test("is refused when it is too large, before it is in memory", async () => {
    await expect(read([{ "etc/passwd": "x".repeat(10 * 1024 * 1024 + 1) }])).rejects.toMatchObject({
      code: "IMAGE_INVALID",
    });
  });
});
