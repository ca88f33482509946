import type { Container, ContainerExit, ContainerRequest, ContainerStatus, ID } from "@voiyd/runtime-api";
import { CONTAINER_VERSION } from "@voiyd/runtime-api";
import type { Command } from "./command.js";
import { copyOf } from "./copy.js";
import { MemoryFiles } from "./memory-files.js";
import type { MemoryProcess } from "./memory-process.js";
import type { MemoryImage } from "./options.js";
import { OutputLog } from "./output-log.js";
import { nextRestart, type Restarts } from "./restart-rules.js";

/** A container as the in-memory runtime holds it. Everyone else gets copies of its `snapshot`. */
export class MemoryContainer {
  readonly id: ID;
  readonly name: string;
  readonly stdout: OutputLog = new OutputLog();
  readonly stderr: OutputLog = new OutputLog();
  readonly files: MemoryFiles;
  /** Aborted when the container is deleted. */
  readonly deleted: AbortController = new AbortController();
  /** What it was made of, once that is known. */
  image: MemoryImage | undefined;
  /** What its process is started with, once that is known. */
  command: Command | undefined;
  #exited: Promise<ContainerExit | undefined>;
  #process: MemoryProcess | undefined;
  readonly #given: Omit<Container, "status">;
  #state: Omit<ContainerStatus, "id" | "ip" | "ports"> = { phase: "creating" };
  #network: Pick<ContainerStatus, "ip" | "ports"> = {};
  #isStopped = false;
  #restarts: Restarts = { count: 0, delayMs: 0 };
  /** What was decided when this life ended; undefined before that, and null where it was the last one. */
  #restartAt: Date | null | undefined;
  #tellExit: (exit: ContainerExit | undefined) => void = () => {};

  constructor(id: ID, request: ContainerRequest, now: Date) {
    this.id = id;
    this.name = request.meta.name;
    this.files = new MemoryFiles(now);
    this.#exited = this.#untilExit();
    this.#given = copyOf({
      version: CONTAINER_VERSION,
      meta: { name: request.meta.name, labels: request.meta.labels ?? {}, created: now, updated: now, revision: 1 },
      config: request.config,
    });
  }

  get snapshot(): Container {
    const command = this.command === undefined ? {} : { command: this.command.args };
    const { count } = this.#restarts;
    const at = this.isSupervised && this.#state.phase === "exited" ? (this.#restartAt ?? undefined) : undefined;
    const restarts = {
      ...(count === 0 ? {} : { restartCount: count }),
      ...(at === undefined ? {} : { restartAt: at }),
    };
    const status = { ...this.#state, ...command, ...this.#network, ...restarts, id: this.id };
    return copyOf({ ...this.#given, status });
  }

  /** Resolves when the process has ended and the status says so; with nothing when there never was a process. */
  get exited(): Promise<ContainerExit | undefined> {
    return this.#exited;
  }

  /** Whether its restart policy has still something to say. */
  get isSupervised(): boolean {
    const { name } = this.#given.config.restartPolicy ?? { name: "no" };
    return name !== "no" && this.wasStarted && !this.#isStopped && this.#restartAt !== null;
  }

  /** Its owner has ended it, or is about to. */
  markStopped(): void {
    this.#isStopped = true;
  }

  /** When it is to be started again; undefined while it runs, and where its policy lets it be. Decided once for each life. */
  decideRestart(now: Date): Date | undefined {
    const { phase, startedAt = now, exitedAt = now, exitCode = "unknown" } = this.#state;
    if (phase !== "exited" || !this.isSupervised) return undefined;
    if (this.#restartAt === undefined) {
      const ranMs = exitedAt.getTime() - startedAt.getTime();
      const next = nextRestart(this.#given.config.restartPolicy ?? { name: "no" }, this.#restarts, { exitCode, ranMs });
      this.#restarts = next ?? this.#restarts;
      this.#restartAt = next === undefined ? null : new Date(now.getTime() + next.delayMs);
    }
    return this.#restartAt ?? undefined;
  }

  get wasStarted(): boolean {
    return this.#process !== undefined;
  }

  /** The process while it lives. */
  get process(): MemoryProcess | undefined {
    return this.#process?.alive === true ? this.#process : undefined;
  }

  /** Has this network from now on. */
  connect(network: Pick<ContainerStatus, "ip" | "ports">): void {
    this.#network = network;
  }

  /** Becomes `running` with this process, and `exited` when it has ended. */
  start(process: MemoryProcess, now: () => Date): void {
    const startedAt = now();
    if (this.wasStarted) this.#exited = this.#untilExit();
    const tellExit = this.#tellExit;
    this.stdout.reopen();
    this.stderr.reopen();
    this.#process = process;
    this.#restartAt = undefined;
    this.#state = { phase: "running", pid: process.pid, startedAt };
    void process.exited.then((exitCode) => {
      const exit = { exitCode, exitedAt: now(), oomKilled: false };
      this.#state = { phase: "exited", startedAt, ...exit };
      tellExit(exit);
    });
  }

  #untilExit(): Promise<ContainerExit | undefined> {
    return new Promise((resolve) => {
      this.#tellExit = resolve;
    });
  }

  /** Has no network any more, and an empty log. */
  cleanUp(): void {
    this.#network = {};
    this.stdout.empty();
    this.stderr.empty();
  }

  /** Ends what waits for this container. The process has been killed before. */
  end(): void {
    this.stdout.close();
    this.stderr.close();
    if (this.#process === undefined) this.#tellExit(undefined);
  }
}
