import { execFileSync } from "node:child_process";
import { open } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { tarEntries } from "../snapshot/tar-entries.js";
import { type TestEntry, tarOf } from "../testing/tar.js";
import { tempFolder } from "../testing/temp-folder.js";
import { CAPABILITY_RECORD, isCapability, readCapability, writeCapability } from "./file-capability.js";
import { SAME_IDS } from "./id-map.js";
import { packFiles, unpackFiles } from "./local-files.js";

/** `CAP_NET_RAW` and, as a byte that is no text, `CAP_SYSLOG`'s word; effective. */
const VALUE = Buffer.from("0100000200200000000000000400000000000000", "hex");
VALUE[17] = 0xff;
/** Only who may set capabilities can try this. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;
if (asRoot === test.skip) console.log("skipped: capabilities of files, which take root to set");

const program = (capability: Buffer, name = "program"): TestEntry => ({
  type: "file",
  name,
  content: "#!/bin/sh",
  mode: 0o755,
  capability,
});

async function bytesOf(archive: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function recordIn(archive: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  let found: string | undefined;
  for await (const { attributes } of tarEntries(archive)) found ??= attributes.get(CAPABILITY_RECORD);
  return found;
}

async function capabilityOf(path: string): Promise<Buffer | undefined> {
  const file = await open(path);
  try {
    return readCapability(file, SAME_IDS);
  } finally {
    await file.close();
  }
}

test("an archive has it byte for byte, and names that are not ASCII beside it", async () => {
  const name = "Grüße-☃-".repeat(20);
  const archive = tarOf([program(VALUE, name)]);
  expect(Buffer.from((await recordIn(archive)) ?? "", "latin1")).toEqual(VALUE);
  for await (const { path } of tarEntries(tarOf([program(VALUE, name)]))) expect(path).toBe(name);
});

asRoot("goes into an archive and out of it, where owners are kept, and nowhere else", async () => {
  await using folder = await tempFolder();
  await unpackFiles(tarOf([program(VALUE)]), folder.path, { keepOwners: true });
  expect(await capabilityOf(folder.at("program"))).toEqual(VALUE);
  expect(Buffer.from((await recordIn(packFiles(folder.at("program")))) ?? "", "latin1")).toEqual(VALUE);
  await unpackFiles(tarOf([program(VALUE)]), folder.path);
  expect(await capabilityOf(folder.at("program"))).toBeUndefined();
  expect(await recordIn(packFiles(folder.at("program")))).toBeUndefined();
});

asRoot("of another root it is left out, of the own one it is told as if there were no other", async () => {
  await using folder = await tempFolder();
  const path = folder.at("program");
  // Revision 3, as the kernel keeps what root of a user namespace has set.
  const ofRoot = Buffer.concat([VALUE, Buffer.from("a0860100", "hex")]);
  ofRoot[3] = 3;
  const input = await bytesOf(tarOf([program(ofRoot)]));
  execFileSync("tar", ["--xattrs", "--xattrs-include=security.capability", "-xf", "-"], { cwd: folder.path, input });
  expect(await capabilityOf(path)).toBeUndefined();
  const file = await open(path);
  try {
    const inside = (_kind: "uid" | "gid", id: number): number => id - 100_000;
    expect(readCapability(file, { ...SAME_IDS, inside })).toEqual(VALUE);
  } finally {
    await file.close();
  }
});

test.each([["too short"], ["of another revision"]])("what is %s is refused", async (what) => {
  const value =
    what === "too short" ? VALUE.subarray(0, 12) : Buffer.from(VALUE.map((byte, at) => (at === 3 ? 9 : byte)));
  expect(isCapability(value)).toBe(false);
  await using folder = await tempFolder();
  await expect(unpackFiles(tarOf([program(value)]), folder.path, { keepOwners: true })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

asRoot("a file system without attributes takes the file without", async () => {
  const file = await open("/proc/self/status");
  try {
    expect(() => {
      writeCapability(file, VALUE, "/status");
    }).not.toThrow();
    expect(readCapability(file, SAME_IDS)).toBeUndefined();
  } finally {
    await file.close();
  }
});
