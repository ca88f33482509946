import type { Container, ContainerExit, ContainerRequest, ContainerStatus, ID } from "@voiyd/runtime-api";
import { CONTAINER_VERSION } from "@voiyd/runtime-api";
import { copyOf } from "./copy.js";
import type { MemoryProcess } from "./memory-process.js";
import { OutputLog } from "./output-log.js";

/** A container as the in-memory runtime holds it. Everyone else gets copies of its `snapshot`. */
export class MemoryContainer {
  readonly id: ID;
  readonly name: string;
  readonly stdout: OutputLog = new OutputLog();
  readonly stderr: OutputLog = new OutputLog();
  /** Aborted when the container is deleted. */
  readonly deleted: AbortController = new AbortController();
  /** Resolves when the process has ended and the status says so; with nothing when there never was a process. */
  readonly exited: Promise<ContainerExit | undefined>;
  /** What `stop` sends when neither its options nor the configuration say what. */
  imageStopSignal: string | undefined;
  #process: MemoryProcess | undefined;
  readonly #given: Omit<Container, "status">;
  #state: Omit<ContainerStatus, "id" | "ip" | "ports"> = { phase: "creating" };
  #network: Pick<ContainerStatus, "ip" | "ports"> = {};
  #command: Pick<ContainerStatus, "command"> = {};
  #tellExit: (exit: ContainerExit | undefined) => void = () => {};

  constructor(id: ID, request: ContainerRequest, now: Date) {
    this.id = id;
    this.name = request.meta.name;
    this.exited = new Promise((resolve) => {
      this.#tellExit = resolve;
    });
    this.#given = copyOf({
      version: CONTAINER_VERSION,
      meta: { name: request.meta.name, labels: request.meta.labels ?? {}, created: now, updated: now, revision: 1 },
      config: request.config,
    });
  }

  get snapshot(): Container {
    return copyOf({ ...this.#given, status: { ...this.#state, ...this.#command, ...this.#network, id: this.id } });
  }

  get wasStarted(): boolean {
    return this.#process !== undefined;
  }

  /** The process while it lives. */
  get process(): MemoryProcess | undefined {
    return this.#process?.alive === true ? this.#process : undefined;
  }

  /** Says what its process is started with. */
  willRun(command: readonly string[]): void {
    this.#command = { command };
  }

  /** Becomes `running` with this process, and `exited` when it has ended. */
  start(process: MemoryProcess, network: Pick<ContainerStatus, "ip" | "ports">, now: () => Date): void {
    const startedAt = now();
    this.#process = process;
    this.#network = network;
    this.#state = { phase: "running", pid: process.pid, startedAt };
    void process.exited.then((exitCode) => {
      const exit = { exitCode, exitedAt: now(), oomKilled: false };
      this.#state = { phase: "exited", startedAt, ...exit };
      this.#tellExit(exit);
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
