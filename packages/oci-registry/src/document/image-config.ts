import { isDigest } from "../digest/digest.js";
import type { JsonObject } from "./json-reader.js";
import {
  asObject,
  invalidDocument,
  listMember,
  member,
  optionalString,
  optionalStringMap,
  optionalStrings,
  parseJsonObject,
  stringMember,
} from "./json-reader.js";
import { type ImageHealthcheck, readHealthcheck } from "./image-healthcheck.js";
import { MAX_CONFIG_BYTES, MAX_DESCRIPTORS } from "./limits.js";

/** How an image wants to be run. Every value is the image author's word, to be checked before it is used for anything. */
export interface ImageExecution {
  readonly user?: string;
  /** `80/tcp`, as written. */
  readonly exposedPorts: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  /** Paths in the container. */
  readonly volumes: readonly string[];
  readonly workingDir?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  readonly healthcheck?: ImageHealthcheck;
}

export interface ImageHistory {
  readonly created?: string;
  readonly createdBy?: string;
  readonly author?: string;
  readonly comment?: string;
  /** The step made no layer. */
  readonly emptyLayer: boolean;
}

/** The configuration blob of an image (OCI image spec, config). */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
  /** RFC 3339, as written. */
  readonly created?: string;
  readonly author?: string;
  readonly config: ImageExecution;
  readonly rootfs: {
    /** Digests of the uncompressed layers, the lowest first. */
    readonly diffIds: readonly string[];
  };
  readonly history: readonly ImageHistory[];
}

const WHERE = "image config";

/** Reads the bytes of an image's configuration, which are taken for hostile. Throws `IMAGE_INVALID`; at most 8 MiB are read. */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const object = parseJsonObject(bytes, WHERE, MAX_CONFIG_BYTES);
  const variant = optionalString(object, "variant", WHERE);
  const osVersion = optionalString(object, "os.version", WHERE);
  const osFeatures = optionalStrings(object, "os.features", WHERE);
  const created = optionalString(object, "created", WHERE);
  const author = optionalString(object, "author", WHERE);
  return {
    architecture: stringMember(object, "architecture", WHERE),
    os: stringMember(object, "os", WHERE),
    ...(variant !== undefined && { variant }),
    ...(osVersion !== undefined && { osVersion }),
    ...(osFeatures !== undefined && { osFeatures }),
    ...(created !== undefined && { created }),
    ...(author !== undefined && { author }),
    config: readExecution(asObject(member(object, "config") ?? {}, `${WHERE}.config`)),
    rootfs: { diffIds: readDiffIds(object) },
    history: listMember(object, "history", WHERE).map(readHistory),
  };
}

function readExecution(object: JsonObject): ImageExecution {
  const where = `${WHERE}.config`;
  const user = optionalString(object, "User", where);
  const entrypoint = optionalStrings(object, "Entrypoint", where);
  const cmd = optionalStrings(object, "Cmd", where);
  const workingDir = optionalString(object, "WorkingDir", where);
  const stopSignal = optionalString(object, "StopSignal", where);
  const healthcheck = readHealthcheck(member(object, "Healthcheck"), `${where}.Healthcheck`);
  return {
    ...(user !== undefined && user !== "" && { user }),
    exposedPorts: readSet(object, "ExposedPorts", where),
    env: optionalStrings(object, "Env", where) ?? [],
    ...(entrypoint !== undefined && { entrypoint }),
    ...(cmd !== undefined && { cmd }),
    volumes: readSet(object, "Volumes", where),
    ...(workingDir !== undefined && workingDir !== "" && { workingDir }),
    labels: optionalStringMap(object, "Labels", where) ?? {},
    ...(stopSignal !== undefined && stopSignal !== "" && { stopSignal }),
    ...(healthcheck !== undefined && { healthcheck }),
  };
}

/** Go writes a set as an object whose values say nothing. */
function readSet(object: JsonObject, key: string, where: string): readonly string[] {
  return Object.keys(asObject(member(object, key) ?? {}, `${where}.${key}`));
}

function readDiffIds(object: JsonObject): readonly string[] {
  const where = `${WHERE}.rootfs`;
  const rootfs = asObject(member(object, "rootfs"), where);
  if (stringMember(rootfs, "type", where) !== "layers") throw invalidDocument(`${where}.type`, 'is not "layers"');
  const diffIds = optionalStrings(rootfs, "diff_ids", where) ?? [];
  if (diffIds.length > MAX_DESCRIPTORS) {
    throw invalidDocument(
      `${where}.diff_ids`,
      `has ${String(diffIds.length)} entries; at most ${String(MAX_DESCRIPTORS)} are read`,
    );
  }
  if (!diffIds.every(isDigest))
    throw invalidDocument(`${where}.diff_ids`, "holds something else than sha256 or sha512 digests");
  return diffIds;
}

function readHistory(value: unknown, position: number): ImageHistory {
  const where = `${WHERE}.history[${String(position)}]`;
  const object = asObject(value, where);
  const created = optionalString(object, "created", where);
  const createdBy = optionalString(object, "created_by", where);
  const author = optionalString(object, "author", where);
  const comment = optionalString(object, "comment", where);
  return {
    ...(created !== undefined && { created }),
    ...(createdBy !== undefined && { createdBy }),
    ...(author !== undefined && { author }),
    ...(comment !== undefined && { comment }),
    emptyLayer: member(object, "empty_layer") === true,
  };
}
