import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { RuntimeError } from "@voiyd/runtime-api";
import { inspectDevices } from "../../host/devices.js";
import { hasCode } from "../../host/file-store.js";
import type { GrantedDevice } from "../devices.js";
import type { CdiEdits } from "./apply-edits.js";
import { type CdiSpec, parseCdiSpec } from "./cdi-spec.js";
import type { ContainerEdits, DeviceNodeEdit } from "./container-edits.js";

/** The specification's folders; what is found in a later one counts more. */
export const CDI_DIRECTORIES: readonly string[] = ["/etc/cdi", "/var/run/cdi"];

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * The edits for devices by their qualified names, `vendor/class=name`. Throws `INVALID_ARGUMENT` for a name that no
 * file has, and `FAILED_PRECONDITION` for files that contradict each other, cannot be read, or are not root's alone.
 */
export async function findCdiDevices(
  names: readonly string[],
  directories: readonly string[] = CDI_DIRECTORIES,
): Promise<readonly CdiEdits[]> {
  if (names.length === 0) return [];
  const layers = await Promise.all(directories.map(readDirectory));
  const seen = new Set<CdiSpec>();
  const edits: ContainerEdits[] = [];
  for (const name of names) {
    const [kind = "", device = ""] = name.split("=", 2);
    const found = findDevice(layers, kind, device);
    if (found === undefined) {
      throw new RuntimeError(
        "INVALID_ARGUMENT",
        `devices: no CDI file of this host has the device ${JSON.stringify(name)}`,
        {
          hint: `devices must be among ${known(layers)}`,
          details: { option: "devices" },
        },
      );
    }
    const { spec } = found;
    edits.push(found.edits, ...(seen.has(spec) ? [] : [spec.edits]));
    seen.add(spec);
  }
  return Promise.all(edits.map(withNumbers));
}

function findDevice(
  layers: readonly (readonly CdiSpec[])[],
  kind: string,
  device: string,
): { spec: CdiSpec; edits: ContainerEdits } | undefined {
  for (const specs of [...layers].reverse()) {
    const hits = specs.flatMap((spec) => {
      const edits = spec.kind === kind ? spec.devices.get(device) : undefined;
      return edits === undefined ? [] : [{ spec, edits }];
    });
    if (hits.length > 1) {
      throw new RuntimeError("FAILED_PRECONDITION", `two CDI files of one folder describe ${kind}=${device}`, {
        hint: "remove one of them",
      });
    }
    if (hits[0] !== undefined) return hits[0];
  }
  return undefined;
}

function known(layers: readonly (readonly CdiSpec[])[]): string {
  const names = layers.flat().flatMap((spec) => [...spec.devices.keys()].map((device) => `${spec.kind}=${device}`));
  return names.length === 0
    ? "those of the host's CDI files, of which there are none"
    : [...new Set(names)].sort().join(", ");
}

async function readDirectory(directory: string): Promise<readonly CdiSpec[]> {
  try {
    const names = (await readdir(directory)).filter((name) => /\.(?:json|ya?ml)$/.test(name)).sort();
    return await Promise.all(names.map((name) => readSpec(join(directory, name))));
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}

/** A file can name programs to be run as root: one that others can write to is not read. */
async function readSpec(file: string): Promise<CdiSpec> {
  const stats = await lstat(file);
  const isOwn = stats.uid === 0 || stats.uid === process.getuid?.();
  if (!stats.isFile() || !isOwn || (stats.mode & 0o022) !== 0 || stats.size > MAX_BYTES) {
    throw new RuntimeError(
      "FAILED_PRECONDITION",
      `CDI file ${file} is not used: it is no file of root's that only root can write`,
      {
        hint: "give it to root and take away the others' right to write",
        details: { file },
      },
    );
  }
  const text = await readFile(file, "utf8");
  return parseCdiSpec(await parseDocument(text, file), file);
}

async function parseDocument(text: string, file: string): Promise<unknown> {
  try {
    if (file.endsWith(".json")) return JSON.parse(text);
    // Loaded by those alone who have such files.
    const { parse } = await import("yaml");
    const document: unknown = parse(text, { maxAliasCount: 100, schema: "core" });
    return document;
  } catch (error) {
    throw new RuntimeError("FAILED_PRECONDITION", `CDI file ${file} cannot be read`, {
      hint: "mend the file, or have the vendor's tool write it again",
      cause: error,
      details: { file },
    });
  }
}

async function withNumbers({ deviceNodes, ...edits }: ContainerEdits): Promise<CdiEdits> {
  return { ...edits, devices: await Promise.all(deviceNodes.map(grant)) };
}

async function grant(edit: DeviceNodeEdit): Promise<GrantedDevice> {
  const { path, hostPath, access, ...given } = edit;
  if (given.type === "p" || (given.type !== undefined && given.major !== undefined)) {
    return { node: { path, ...given, type: given.type }, access };
  }
  const { nodes, folder } = await inspectDevices(hostPath);
  const [found] = nodes;
  if (found === undefined || folder !== undefined) {
    throw new RuntimeError(
      "FAILED_PRECONDITION",
      `a CDI file names the device ${hostPath}, which this host does not have`,
      {
        hint: "have the vendor's tool write the file again",
      },
    );
  }
  return { node: { ...found, ...given, path }, access };
}
