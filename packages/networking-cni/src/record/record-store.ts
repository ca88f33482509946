import { createHash } from "node:crypto";
import { closeSync, constants, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { RuntimeError } from "@voiyd/runtime-api";
import { errorCode } from "../plugin/error-code.js";
import { recordFileName } from "../protocol/identifiers.js";
import type { AttachmentRecord } from "./attachment-record.js";
import { decodeRecord } from "./decode-record.js";
import { encodeRecord } from "./encode-record.js";
import { onRecords } from "./record-failure.js";

const OVERWRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/** A file among the records that is none: cut off, empty, or of another time. */
export interface UnreadableRecord {
  readonly file: string;
  readonly text: string;
}

/** What stands in the folder. */
export interface RecordListing {
  readonly records: readonly AttachmentRecord[];
  readonly unreadable: readonly UnreadableRecord[];
}

/**
 * The records of all attachments, in libcni's layout. A record is replaced in one step: whoever comes after the death of
 * this process finds it whole. What has to survive a power loss too is settled. Temporary files stand in a folder beside: libcni takes every file among the records for one.
 */
export class RecordStore {
  readonly #results: string;
  readonly #temporary: string;

  constructor(cacheDir: string) {
    this.#results = join(cacheDir, "results");
    this.#temporary = join(cacheDir, "voiyd-tmp");
  }

  /**
   * Writes the first record of an attachment, and does not wait for the disk: see `settle`. Throws `ALREADY_EXISTS` when the file holds another one's: libcni's names
   * are ambiguous (`a` and `b-c` is `a-b` and `c`), and writing would lose what has to be removed one day.
   */
  async create(record: AttachmentRecord): Promise<void> {
    const file = recordFileName(record.networkName, record.containerId, record.ifName);
    const present = await onRecords(this.#results, "read", () => Promise.resolve(this.#present(file)));
    const other = decodeRecord(present ?? "");
    if (other !== undefined && (other.containerId !== record.containerId || other.networkName !== record.networkName)) {
      throw new RuntimeError(
        "ALREADY_EXISTS",
        `container ${record.containerId}: its record would replace that of container ${other.containerId}`,
        {
          hint: "Give the container or the network another name",
          details: { containerId: record.containerId, network: record.networkName, other: other.containerId },
        },
      );
    }
    await this.put(record, { transient: true });
  }

  /** Resolves when the record is on the disk, as it stands then. One that has been removed needs no disk. */
  async settle(record: Pick<AttachmentRecord, "networkName" | "containerId" | "ifName">): Promise<void> {
    const name = recordFileName(record.networkName, record.containerId, record.ifName);
    await onRecords(this.#results, "written", () => orAbsent(flush(join(this.#results, name))));
  }

  /**
   * Writes or replaces the record of an attachment: on the disk when this resolves, so that it survives a power loss. A
   * `transient` one is not waited for: it says nothing yet that is worth anything after another boot, or is settled later.
   */
  put(record: AttachmentRecord, { transient = false }: { readonly transient?: boolean } = {}): Promise<void> {
    return onRecords(this.#results, "written", () => this.#put(record, transient));
  }

  async #put(record: AttachmentRecord, transient: boolean): Promise<void> {
    const name = recordFileName(record.networkName, record.containerId, record.ifName);
    const temporary = this.#temporaryFile(record.containerId);
    // Without waiting for the disk this takes far less than the way through the thread pool.
    this.#write(temporary, encodeRecord(record));
    if (!transient) await flush(temporary);
    renameSync(temporary, join(this.#results, name));
  }

  /** Removes the record of an attachment; none is success. */
  async remove(record: Pick<AttachmentRecord, "networkName" | "containerId" | "ifName">): Promise<void> {
    await this.removeFile(recordFileName(record.networkName, record.containerId, record.ifName));
  }

  /** Removes a file among the records by its name. */
  async removeFile(file: string): Promise<void> {
    await onRecords(this.#results, "written", () => rm(join(this.#results, file), { force: true }));
  }

  /** Removes what a process left that died in the middle of a `put`. */
  async discardTemporary(containerId: string): Promise<void> {
    await rm(this.#temporaryFile(containerId), { force: true });
  }

  /** All records, in the order of their file names. */
  list(): Promise<RecordListing> {
    return onRecords(this.#results, "read", async () => this.#read(await this.#names()));
  }

  /** The records of one container, in the order of its networks, and files whose name could mean one of them. */
  async find(containerId: string): Promise<RecordListing> {
    const { records, unreadable } = await onRecords(this.#results, "read", async () =>
      this.#read((await this.#names()).filter((name) => name.includes(`-${containerId}-`))),
    );
    const own = records.filter((record) => record.containerId === containerId);
    return { records: own.toSorted((a, b) => (a.state?.index ?? 0) - (b.state?.index ?? 0)), unreadable };
  }

  /** One writer at a time holds the container's lock, so one file a container is enough, and can be found again. */
  #temporaryFile(containerId: string): string {
    return join(this.#temporary, createHash("sha256").update(containerId).digest("hex"));
  }

  async #names(): Promise<readonly string[]> {
    return ((await orAbsent(readdir(this.#results))) ?? []).toSorted();
  }

  async #read(names: readonly string[]): Promise<RecordListing> {
    const records: AttachmentRecord[] = [];
    const unreadable: UnreadableRecord[] = [];
    for (const file of names) {
      const text = await this.#readText(file);
      if (text === undefined) continue;
      const record = decodeRecord(text);
      if (record === undefined) unreadable.push({ file, text });
      else records.push(record);
    }
    return { records, unreadable };
  }

  /** `undefined` for what is gone meanwhile, and for what is not a file. */
  async #readText(file: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#results, file), "utf8");
    } catch (error) {
      if (isNoFile(error)) return undefined;
      throw error;
    }
  }

  /** The text of the file, which is hardly ever there: the kernel says so at once, and the thread pool later. */
  #present(file: string): string | undefined {
    try {
      return readFileSync(join(this.#results, file), "utf8");
    } catch (error) {
      if (isNoFile(error)) return undefined;
      throw error;
    }
  }

  /** An empty file, whatever a process left there that died before its `rename`. */
  #openTemporary(path: string): number {
    try {
      return openSync(path, OVERWRITE, 0o600);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
    // Only the first record of all has to make the folders.
    mkdirSync(this.#results, { recursive: true, mode: 0o700 });
    mkdirSync(this.#temporary, { recursive: true, mode: 0o700 });
    return openSync(path, OVERWRITE, 0o600);
  }

  #write(path: string, text: string): void {
    const file = this.#openTemporary(path);
    try {
      writeFileSync(file, text);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  }
}

/** What is gone meanwhile, and what is a folder. */
function isNoFile(error: unknown): boolean {
  return errorCode(error) === "ENOENT" || errorCode(error) === "EISDIR";
}

/** `undefined` for what is not there. */
async function orAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Brings a file to the disk. */
async function flush(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
