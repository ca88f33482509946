import { closeSync, lstatSync, mkdirSync, openSync, statfsSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { RuntimeError } from "@voiyd/runtime-api";
import { baseEnvironment } from "../plugin/environment.js";
import { errorCode } from "../plugin/error-code.js";
import type { RunProcess } from "../plugin/run-process.js";
import { identityOf, type HostFacts } from "./host-facts.js";
import type { Namespaces, NamespaceState } from "./namespaces.js";

/** The type of the file system that namespaces are (`NSFS_MAGIC`, linux/magic.h). */
const NSFS = 0x6e736673;
/**
 * What comes into the namespace takes no router's advertisements: another container on the bridge could send them, and
 * have everything sent to it (CVE-2020-10749). A kernel without IPv6 has no such setting.
 */
const SET_UP =
  "for which in all default; do file=/proc/sys/net/ipv6/conf/$which/accept_ra; " +
  'if [ -e "$file" ]; then echo 0 > "$file" || exit; fi; done; exec ip link set lo up';
/** Mounts of one file on top of each other: more than one only after two processes did the same. */
const MOUNTS_AT_MOST = 8;

/**
 * Namespaces that are kept alive by a bind mount on a file: they need no process, and outlive each of ours. Below /run and
 * /proc nothing is ever on a disk: what is done there is done at once, as the way through the thread pool takes far longer.
 */
export class PinnedNamespaces implements Namespaces {
  readonly #dir: string;
  /** Who made which namespace. A folder beside: in the folder itself there are namespaces only. */
  readonly #makers: string;
  readonly #run: RunProcess;
  readonly #host: HostFacts;
  /** Namespaces whose loopback this process knows to be up. */
  readonly #ready = new Map<string, string>();

  constructor(dir: string, run: RunProcess, host: HostFacts) {
    this.#dir = dir;
    this.#makers = `${dir}-makers`;
    this.#run = run;
    this.#host = host;
  }

  path(containerId: string): string {
    return join(this.#dir, containerId);
  }

  async inspect(path: string): Promise<NamespaceState> {
    try {
      const kind = statfsSync(path);
      if (kind.type !== NSFS) return { mounted: false, exists: true, identity: "" };
      return { mounted: true, exists: true, identity: identityOf(statSync(path, { bigint: true })) };
    } catch (error) {
      if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR")
        return { mounted: false, exists: false, identity: "" };
      throw error;
    }
  }

  async ensure(containerId: string, signal: AbortSignal): Promise<string> {
    const path = this.path(containerId);
    const before = await this.inspect(path);
    if (!before.mounted) {
      // Before there is a namespace it is said whose it is going to be: `recover` must know one in use from one lost.
      const maker = await this.#host.self();
      mkdirSync(this.#makers, { recursive: true, mode: 0o700 });
      writeFileSync(join(this.#makers, containerId), maker, { mode: 0o600 });
      this.#prepareFile(path, before.exists);
      await this.#tool(containerId, "unshare", [`--net=${path}`, "sh", "-c", SET_UP], signal);
    } else if (this.#ready.get(containerId) !== before.identity) {
      await this.#tool(containerId, "nsenter", [`--net=${path}`, "ip", "link", "set", "lo", "up"], signal);
    }
    const { identity, mounted } = await this.inspect(path);
    if (!mounted || identity === (await this.#host.ownNamespace())) {
      throw new RuntimeError(
        "NETWORK_SETUP_FAILED",
        `container ${containerId}: ${path} is not a network namespace of its own`,
      );
    }
    this.#ready.set(containerId, identity);
    return identity;
  }

  async remove(containerId: string, signal: AbortSignal): Promise<void> {
    const path = this.path(containerId);
    this.#ready.delete(containerId);
    for (let attempt = 0; attempt < MOUNTS_AT_MOST; attempt += 1) {
      const { exists, mounted } = await this.inspect(path);
      if (!exists) return rm(join(this.#makers, containerId), { force: true });
      if (mounted) await this.#tool(containerId, "umount", ["-l", path], signal);
      else removeFile(path);
    }
    throw new RuntimeError("NETWORK_TEARDOWN_FAILED", `container ${containerId}: ${path} does not come off`, {
      details: { containerId, path },
    });
  }

  async list(): Promise<readonly string[]> {
    const names = await Promise.all([this.#dir, this.#makers].map((dir) => orAbsent(readdir(dir), [])));
    return [...new Set(names.flat())];
  }

  maker(containerId: string): Promise<string> {
    return orAbsent(readFile(join(this.#makers, containerId), "utf8"), "");
  }

  /** A folder that others can write to would let them choose what we mount on. */
  #prepareFile(path: string, exists: boolean): void {
    mkdirSync(this.#dir, { recursive: true, mode: 0o755 });
    const dir = lstatSync(this.#dir);
    if (!dir.isDirectory() || (dir.mode & 0o002) !== 0) {
      throw new RuntimeError("FAILED_PRECONDITION", `${this.#dir} must be a folder that not everybody can write to`, {
        hint: `chmod o-w ${this.#dir}`,
        details: { path: this.#dir },
      });
    }
    // A plain file is what an interrupted attempt left. It goes, so that a link in its place is never followed.
    if (exists) removeFile(path);
    closeSync(openSync(path, "wx", 0o444));
  }

  /** The variable is how a process that survives us is recognised as working for this container. */
  async #tool(containerId: string, file: string, args: readonly string[], signal: AbortSignal): Promise<void> {
    const env = { ...baseEnvironment(), CNI_CONTAINERID: containerId };
    const outcome = await this.#start(containerId, { file, args, env, signal, graceMs: 1000 });
    if (outcome.exitCode === 0) return;
    signal.throwIfAborted();
    const message = outcome.stderr.trim();
    const denied = /not permitted|permission denied|must be superuser/i.test(message);
    throw new RuntimeError(
      denied ? "PERMISSION_DENIED" : "NETWORK_SETUP_FAILED",
      `container ${containerId}: ${file}: ${message === "" ? `exit code ${String(outcome.exitCode)}` : message}`,
      { details: { containerId, tool: file }, ...(denied ? { hint: "Network namespaces need root" } : {}) },
    );
  }

  async #start(containerId: string, request: Parameters<RunProcess>[0]): ReturnType<RunProcess> {
    try {
      return await this.#run(request);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      throw new RuntimeError("NETWORK_SETUP_FAILED", `container ${containerId}: ${request.file} is not installed`, {
        cause: error,
        hint: "Install util-linux and iproute2",
        details: { containerId, tool: request.file },
      });
    }
  }
}

/** A busy file has been mounted on meanwhile, and an absent one needs no removing; the caller looks again. */
function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT" && errorCode(error) !== "EBUSY") throw error;
  }
}

async function orAbsent<T>(reading: Promise<T>, absent: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return absent;
    throw error;
  }
}
