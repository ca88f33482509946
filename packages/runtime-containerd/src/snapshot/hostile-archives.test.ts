import { describe, expect, test } from "@jest/globals";
import { isRuntimeError } from "@voiyd/runtime-api";
import type { Descriptor } from "@voiyd/oci-registry";
import fc from "fast-check";
import { readLayerFile } from "./layer-file.js";

const BLOCK = 512;
const MOST_CHANGES = 64;

interface Header {
  readonly name?: string;
  readonly type?: string;
  readonly link?: string;
  /** As it stands in the header. */
  readonly size?: string | Buffer;
  readonly checksum?: string;
  readonly data?: string | Buffer;
}

/** An entry as somebody writes it who means harm. */
function entry({ name = "etc/passwd", type = "0", link = "", size, checksum, data = "" }: Header): Buffer {
  const content = Buffer.from(data);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100);
  if (Buffer.isBuffer(size)) size.copy(block, 124);
  else block.write(size ?? `${content.length.toString(8).padStart(11, "0")}\0`, 124, 12);
  block.write("        ", 148);
  block.write(type, 156);
  block.write(link, 157, 100);
  block.write("ustar\0", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(checksum ?? `${sum.toString(8).padStart(6, "0")}\0 `, 148, 8);
  return Buffer.concat([block, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

/** Extended headers of pax, with a length that is right unless it is given. */
function pax(records: Readonly<Record<string, string>>, length?: string): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    const own = Buffer.byteLength(rest);
    const total = own + String(own + String(own).length).length;
    return `${length ?? String(total)}${rest}`;
  });
  return entry({ name: "pax", type: "x", data: lines.join("") });
}

const END = Buffer.alloc(2 * BLOCK);
const GOOD = entry({ data: "root:x:0:0::/:" });
const LINK_CHAIN = Array.from({ length: 50 }, (_, index) =>
  entry({ name: `l${String(index)}`, type: "2", link: `l${String(index + 1)}` }),
);

/** Archives, and what is read of `/etc/passwd` in them: a text, nothing, or an error of ours. */
const ARCHIVES: Readonly<Record<string, readonly [pieces: readonly Buffer[], outcome: string]>> = {
  "nothing at all": [[], "nothing"],
  zeros: [[END], "nothing"],
  "half a header": [[GOOD.subarray(0, 300)], "nothing"],
  "half a file": [[GOOD.subarray(0, BLOCK + 5)], "root:"],
  text: [[Buffer.from("not a tar\n".repeat(100))], "nothing"],
  "a wrong checksum": [[entry({ checksum: "0000000 ", data: "x" }), GOOD, END], "nothing"],
  "a checksum of letters": [[entry({ checksum: "zzzzzzz ", data: "x" }), GOOD, END], "nothing"],
  "a size of letters": [[entry({ size: "zzzzzzzzzzz" }), GOOD, END], "nothing"],
  "a negative size": [[entry({ size: "-0000000001" }), GOOD, END], "nothing"],
  "a size of 8 GiB": [[entry({ size: "77777777777\0" }), END], "IMAGE_INVALID"],
  "a size beyond all numbers": [[entry({ size: Buffer.alloc(12, 0xff) }), GOOD, END], "nothing"],
  "a binary size of a TiB": [
    [entry({ size: Buffer.from([0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]) }), END],
    "IMAGE_INVALID",
  ],
  "a file of more than ten MiB": [[entry({ data: Buffer.alloc(10 * 1024 * 1024 + 1, 0x78) }), END], "IMAGE_INVALID"],
  "a pax size that is larger": [[pax({ size: "99999999999" }), GOOD, END], "IMAGE_INVALID"],
  "a pax size that is negative": [[pax({ size: "-1" }), GOOD, END], ""],
  "a pax size that is no number": [[pax({ size: "many" }), GOOD, END], ""],
  "a pax record longer than its header": [[pax({ path: "x" }, "999999"), GOOD, END], "root:x:0:0::/:"],
  "a pax record of length zero": [[pax({ path: "x" }, "0"), GOOD, END], "root:x:0:0::/:"],
  "a pax record of negative length": [[pax({ path: "x" }, "-5"), GOOD, END], "root:x:0:0::/:"],
  "a pax header of a MiB": [[entry({ type: "x", data: Buffer.alloc(1024 * 1024, 0x61) }), GOOD, END], "nothing"],
  "a pax key of prototypes": [[pax({ ["__proto__"]: "x" }), GOOD, END], "root:x:0:0::/:"],
  "a pax path elsewhere": [[pax({ path: "../../etc/passwd" }), GOOD, END], "nothing"],
  "a pax path for our file": [[pax({ path: "etc/passwd" }), entry({ name: "x", data: "a" }), END], "a"],
  "a pax link to the host": [[pax({ linkpath: "/etc/shadow" }), entry({ type: "2", link: "x" }), END], "nothing"],
  "a long name of a MiB": [[entry({ type: "L", data: Buffer.alloc(1024 * 1024, 0x61) }), GOOD, END], "nothing"],
  "a long name without an end": [[entry({ type: "L", data: "a".repeat(600) }), GOOD, END], "nothing"],
  "a name with a NUL": [[entry({ name: "etc/passwd\0.txt", data: "a" }), END], "a"],
  "a name that begins with a slash": [[entry({ name: "/etc/passwd", data: "a" }), END], "a"],
  "a name of steps up": [[entry({ name: "../../../etc/passwd", data: "a" }), END], "nothing"],
  "a name of steps around": [[entry({ name: "etc/../etc/passwd", data: "a" }), END], "nothing"],
  "a link to the host's accounts": [[entry({ type: "2", link: "/etc/shadow" }), END], "nothing"],
  "a link out of the root": [[entry({ type: "2", link: "../../../../etc/shadow" }), END], "nothing"],
  "a link to itself": [[entry({ type: "2", link: "passwd" }), END], "nothing"],
  "a link to nowhere": [[entry({ type: "2", link: "" }), END], "nothing"],
  "a chain of fifty links": [[entry({ type: "2", link: "/l0" }), ...LINK_CHAIN, END], "nothing"],
  "a hard link to the host": [[entry({ type: "1", link: "/etc/shadow" }), END], "nothing"],
  "a hard link to itself": [[entry({ type: "1", link: "etc/passwd" }), END], "nothing"],
  "a hard link through a link": [
    [entry({ name: "etc", type: "2", link: "/" }), entry({ type: "1", link: "etc/shadow" }), END],
    "nothing",
  ],
  "a character device": [[entry({ type: "3" }), END], "nothing"],
  "a block device": [[entry({ type: "4" }), END], "nothing"],
  "a pipe": [[entry({ type: "6" }), END], "nothing"],
  "a kind that nobody knows": [[entry({ type: "Z", data: "a" }), END], "nothing"],
  "a sparse file": [[entry({ type: "S", data: "a" }), END], "nothing"],
  "a folder with content": [[entry({ type: "5", data: "a" }), END], "nothing"],
  "the same file a hundred times": [
    [...Array.from({ length: 100 }, (_, index) => entry({ data: String(index) })), END],
    "99",
  ],
};

async function outcomeOf(archive: Buffer): Promise<string> {
  const client = {
    async *read() {
      for (let at = 0; at < archive.length; at += 8191) yield { data: new Uint8Array(archive.subarray(at, at + 8191)) };
    },
  };
  const layer: Descriptor = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: "x", size: archive.length };
  try {
    return (await readLayerFile(client, [layer], "/etc/passwd", {})) ?? "nothing";
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    return error.code;
  }
}

describe("archives that were made to do harm", () => {
  test("S9: are read without unpacking, following or hanging: forty of them, each with its outcome", async () => {
    expect(Object.keys(ARCHIVES).length).toBeGreaterThanOrEqual(40);
    const outcomes: Record<string, string> = {};
    for (const [name, [pieces]] of Object.entries(ARCHIVES)) outcomes[name] = await outcomeOf(Buffer.concat(pieces));
    const expected = Object.fromEntries(Object.entries(ARCHIVES).map(([name, [, outcome]]) => [name, outcome]));
    expect(outcomes).toEqual(expected);
  });

  test("S9: any damage to an archive leads to a text, nothing, or an error of ours", async () => {
    const whole = Buffer.concat([
      pax({ path: "etc/passwd" }),
      entry({ name: "x", data: "a" }),
      ...LINK_CHAIN,
      GOOD,
      END,
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: MOST_CHANGES }),
        async (changes) => {
          const damaged = Buffer.from(whole);
          for (const [at, byte] of changes) damaged[at] = byte;
          expect(typeof (await outcomeOf(damaged))).toBe("string");
        },
      ),
    );
  });
});
