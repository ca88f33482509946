import { mkdir, rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type InstalledKoffi, installKoffi, installPackage, runInstalled } from "../testing/installed-package.js";
import { tarOf } from "../testing/tar.js";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";

/** `CAP_NET_RAW`, effective. */
const CAPABILITY = Buffer.from("0100000200200000000000000000000000000000", "hex");

/** Unpacks a program with capabilities and packs it again; tells for each whether that went, and of the second what it has. */
const COPY = `
  const { createReadStream } = require("node:fs");
  const { packFiles, unpackFiles } = require("@voiyd/runtime-containerd");
  const told = ({ code, message, hint }) => [code, message, hint].join(": ");
  const unpack = () => unpackFiles(createReadStream("program.tar"), "files", { keepOwners: true }).then(() => "done");
  const pack = async () => {
    const chunks = [];
    for await (const chunk of packFiles(process.cwd() + "/files/program")) chunks.push(chunk);
    return Buffer.concat(chunks).includes("security.capability") ? "kept" : "left out";
  };
  (async () => console.log(JSON.stringify([await unpack().catch(told), await pack().catch(told)])))();
`;

let folder: TempFolder;
beforeAll(async () => {
  folder = await tempFolder();
  await installPackage(folder);
  const program = { type: "file", name: "program", content: "#!/bin/sh", capability: CAPABILITY } as const;
  await writeFile(folder.at("program.tar"), tarOf([program]));
});
beforeEach(() => mkdir(folder.at("files")));
afterEach(() => rm(folder.at("files"), { recursive: true }));
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

async function copyWith(koffi: InstalledKoffi): Promise<unknown> {
  await installKoffi(folder, koffi);
  return JSON.parse(await runInstalled(folder, COPY));
}

/** Owners, and capabilities, are root's to give. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;
if (asRoot === test.skip) console.log("skipped: what becomes of capabilities of files, which take root to set");

asRoot.each<[koffi: InstalledKoffi, capability: string]>([
  ["whole", "kept"],
  ["left out", "left out"],
  ["without add-on", "left out"],
])("with koffi %s, programs are copied, their capabilities %s", async (koffi, capability) => {
  expect(await copyWith(koffi)).toEqual(["done", capability]);
});

asRoot.each<[koffi: InstalledKoffi, said: string]>([
  ["broken add-on", "koffi.node: "],
  ["incomplete", "Error: Cannot find module "],
])("with a koffi that is there and cannot be loaded (%s), it is said, not left out in silence", async (koffi, said) => {
  const told = expect.stringMatching(/^FAILED_PRECONDITION: the package koffi cannot be used: .*: install it anew/su);
  const outcome = await copyWith(koffi);
  expect(outcome).toEqual([told, told]);
  expect(JSON.stringify(outcome)).toContain(said);
});
