import { setTimeout as sleep } from "node:timers/promises";
import type { HostLock } from "../host/host-lock.js";
import type { LogAnswer, LogRequest } from "./messages.js";
import { lockKeys, socketPath } from "./paths.js";
import { logProgram, type ProgramCommand } from "./program-command.js";
import { request } from "./request.js";
import { spawnKeeper } from "./spawn-keeper.js";

/** Between two attempts while a process is being replaced, and how long all of them may take. In milliseconds. */
const PAUSE_MS = 10;
const DEADLINE_MS = 30_000;

/** The host's log process, as those who need it see it: started when it is needed, and ending by itself. */
export class LogProcess {
  readonly #stateDir: string;
  readonly #lock: HostLock;
  readonly #program: () => ProgramCommand;

  /** `program` is asked for when a process has to be started. */
  constructor(stateDir: string, lock: HostLock, program: () => ProgramCommand = logProgram) {
    this.#stateDir = stateDir;
    this.#lock = lock;
    this.#program = program;
  }

  /**
   * Has it take up the container whose folder this is. Resolves when the pipes are there and are read from. Throws when the
   * process cannot be started, and when it cannot do so.
   */
  async attach(folder: string, options: { signal?: AbortSignal }): Promise<void> {
    const answer = await this.#ask({ do: "attach", folder }, options);
    if (!answer.ok) throw new Error(`the log cannot be written: ${answer.error ?? "for an unknown reason"}`);
  }

  /**
   * Has it write what is left in the pipes of a container that has ended: whoever wrote them before may have died. Resolves
   * also when there is nothing.
   */
  async finish(folder: string, options: { signal?: AbortSignal }): Promise<void> {
    await this.#ask({ do: "finish", folder }, options);
  }

  /** What it says of itself; undefined where there is none. Starts nothing. */
  tell(): Promise<LogAnswer | undefined> {
    return request(socketPath(this.#stateDir), { do: "tell" });
  }

  async #ask(what: LogRequest, { signal }: { signal?: AbortSignal }): Promise<LogAnswer> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      signal?.throwIfAborted();
      const answer = await request(socketPath(this.#stateDir), what);
      if (answer !== undefined) return answer;
      if (performance.now() > deadline) throw new Error("the log process does not answer");
      await this.#start(signal);
    }
  }

  /** One starts it, the others wait for that. */
  async #start(signal: AbortSignal | undefined): Promise<void> {
    const call = signal === undefined ? {} : { signal };
    await this.#lock(
      lockKeys(this.#stateDir).start,
      async () => {
        if ((await this.tell()) !== undefined) return;
        await spawnKeeper(this.#program(), this.#stateDir);
      },
      call,
    );
    await sleep(PAUSE_MS, undefined, call);
  }
}
