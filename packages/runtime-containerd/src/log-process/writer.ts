import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withHostLock } from "../host/host-lock.js";
import { ContainerLog } from "./container-log.js";
import { registeredFolders } from "./held-pipes.js";
import { Poller } from "./kernel.js";
import { type LogAnswer, parseHeld, parseRequest } from "./messages.js";
import { FOLDER, lockKeys, socketPath } from "./paths.js";
import type { ProgramCommand } from "./program-command.js";
import { request } from "./request.js";
import { spawnKeeper } from "./spawn-keeper.js";
import type { StreamLog } from "./stream-log.js";

/** With nothing to do, it stays so long for whoever comes next. In milliseconds. */
const LINGER_MS = 3_000;
/** How often logs without room are tried again, and removed containers looked for. */
const LOOK_MS = 1_000;

/** Moves what containers write from their pipes to their logs. Everything that it knows is in files. */
export class LogWriter {
  readonly #program: ProgramCommand;
  readonly #stateDir: string;
  readonly #poller = new Poller();
  readonly #logs = new Map<string, ContainerLog>();
  readonly #byPipe = new Map<number, { readonly folder: string; readonly stream: StreamLog }>();
  readonly #full = new Set<number>();
  readonly #holding = new Map<string, () => void>();
  #idleSince = performance.now();
  #requests = 0;
  #exitCode: number | undefined;

  private constructor(program: ProgramCommand, stateDir: string) {
    this.#program = program;
    this.#stateDir = stateDir;
  }

  /** Never resolves: the process ends when there has been nothing to do for a while. */
  static async run(program: ProgramCommand, stateDir: string): Promise<void> {
    // Another one may be at work whose keeper has died. Ours holds what it held, so it can leave.
    await request(socketPath(stateDir), { do: "hand over" });
    await withHostLock(lockKeys(stateDir).writer, async () => {
      await new LogWriter(program, stateDir).#run();
    });
  }

  async #run(): Promise<void> {
    process.on("message", (message: unknown) => {
      const folder = parseHeld(message);
      if (folder !== undefined) this.#holding.get(folder)?.();
    });
    // It may have died before we could listen.
    if (process.connected) process.once("disconnect", () => void this.#replaceKeeper());
    else void this.#replaceKeeper();
    for (const folder of registeredFolders(this.#stateDir)) this.#takeUpIfPossible(folder);
    const server = await this.#listen();
    tellKeeper("ready");
    setInterval(() => {
      this.#look(server);
    }, LOOK_MS);
    for (;;) {
      const pipes = await this.#poller.wait();
      if (this.#exitCode !== undefined) process.exit(this.#exitCode);
      for (const pipe of pipes) this.#advance(pipe);
      // Requests are heard between two rounds.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #attach(folder: string): Promise<void> {
    this.#leave(folder);
    const log = ContainerLog.open(join(this.#stateDir, folder));
    await this.#hold(folder);
    this.#watch(folder, log);
  }

  /** A pipe that nobody has open for writing has ended, even if we have never seen anybody. */
  #finish(folder: string): void {
    if (!this.#logs.has(folder) && registeredFolders(this.#stateDir).includes(folder)) this.#takeUpIfPossible(folder);
    const log = this.#logs.get(folder);
    for (const stream of log?.streams ?? []) {
      if (log?.isOpen(stream) !== true) continue;
      do this.#advance(stream.fd);
      while (log.isOpen(stream) && !this.#full.has(stream.fd) && stream.hasMore);
    }
  }

  #takeUpIfPossible(folder: string): void {
    try {
      this.#watch(folder, ContainerLog.open(join(this.#stateDir, folder)));
    } catch (error) {
      process.stderr.write(`the log of ${folder} cannot be written: ${String(error)}\n`);
    }
  }

  #watch(folder: string, log: ContainerLog): void {
    this.#logs.set(folder, log);
    for (const stream of log.streams) {
      this.#byPipe.set(stream.fd, { folder, stream });
      this.#poller.add(stream.fd);
    }
  }

  #advance(pipe: number): void {
    const found = this.#byPipe.get(pipe);
    if (found === undefined) return;
    const { folder, stream } = found;
    try {
      const state = stream.advance();
      if (state === "full") this.#full.add(pipe);
      else this.#full.delete(pipe);
      if (state === "ended") this.#ended(folder, stream);
      else if (stream.wantsPipe) this.#poller.add(pipe);
      else this.#poller.remove(pipe);
    } catch (error) {
      // The folder of the logs, or the disk itself, is gone: the container's other stream, and the others, go on.
      process.stderr.write(`the log of ${folder} cannot be written: ${String(error)}\n`);
      this.#ended(folder, stream);
    }
  }

  #ended(folder: string, stream: StreamLog): void {
    this.#poller.remove(stream.fd);
    this.#byPipe.delete(stream.fd);
    this.#full.delete(stream.fd);
    const log = this.#logs.get(folder);
    log?.ended(stream);
    if (log?.isOver === true) this.#leave(folder);
  }

  #leave(folder: string): void {
    const log = this.#logs.get(folder);
    if (log === undefined) return;
    for (const stream of log.streams) {
      if (!log.isOpen(stream)) continue;
      this.#poller.remove(stream.fd);
      this.#byPipe.delete(stream.fd);
      this.#full.delete(stream.fd);
    }
    log.leave();
    this.#logs.delete(folder);
    tellKeeper({ release: folder });
    this.#idleSince = performance.now();
  }

  #look(server: Server): void {
    for (const pipe of [...this.#full]) this.#advance(pipe);
    for (const folder of [...this.#logs.keys()]) if (!existsSync(join(this.#stateDir, folder))) this.#leave(folder);
    // Somebody has cleared the folder away: the next writer makes it again.
    if (!existsSync(socketPath(this.#stateDir))) this.#exit(1);
    const isIdle = this.#logs.size === 0 && this.#requests === 0;
    if (!isIdle) this.#idleSince = performance.now();
    else if (performance.now() - this.#idleSince >= LINGER_MS) this.#end(server);
  }

  /** In one step: nobody is let in and then forgotten. */
  #end(server: Server): void {
    rmSync(socketPath(this.#stateDir), { force: true });
    server.close();
    this.#exit(0);
  }

  #exit(code: number): void {
    this.#exitCode ??= code;
    this.#poller.ring();
  }

  #hold(folder: string): Promise<void> {
    return new Promise((resolve) => {
      // Without a keeper, the next one holds everything that it finds.
      if (!process.connected) {
        resolve();
        return;
      }
      const done = (): void => {
        this.#holding.delete(folder);
        process.off("disconnect", done);
        resolve();
      };
      this.#holding.set(folder, done);
      process.once("disconnect", done);
      tellKeeper({ hold: folder });
    });
  }

  /** The keeper has died. A new one brings a new writer, to whom we leave what we have. */
  async #replaceKeeper(): Promise<void> {
    for (;;) {
      try {
        // Its writer asks us to hand over. Where somebody else has been faster, that one's may be waiting already.
        if (!(await spawnKeeper(this.#program, this.#stateDir))) this.#exit(1);
        return;
      } catch (error) {
        // The logs are written all the same.
        process.stderr.write(`${String(error)}\n`);
        await sleep(LOOK_MS);
      }
    }
  }

  #listen(): Promise<Server> {
    const path = socketPath(this.#stateDir);
    mkdirSync(join(this.#stateDir, FOLDER), { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
    const server = createServer((socket) => {
      this.#serve(socket, server);
    });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, () => {
        resolve(server);
      });
    });
  }

  #serve(socket: Socket, server: Server): void {
    this.#requests++;
    let text = "";
    socket.setEncoding("utf8");
    socket.on("error", () => undefined);
    socket.on("close", () => this.#requests--);
    socket.on("data", (piece: string) => {
      text += piece;
      const end = text.indexOf("\n");
      if (end === -1) return;
      const line = text.slice(0, end);
      text = "";
      void this.#answer(line, server).then((answer) => {
        socket.end(`${JSON.stringify(answer)}\n`);
      });
    });
  }

  async #answer(line: string, server: Server): Promise<LogAnswer> {
    try {
      const asked = parseRequest(line);
      if (this.#exitCode !== undefined) throw new Error("the log process is just ending");
      if (asked.do === "attach") await this.#attach(asked.folder);
      if (asked.do === "finish") this.#finish(asked.folder);
      if (asked.do === "hand over") this.#exit(1);
      if (asked.do === "end") {
        setImmediate(() => {
          this.#end(server);
        });
      }
      const keeper = process.connected ? { keeper: process.ppid } : {};
      return { ok: true, writer: process.pid, ...keeper, containers: this.#logs.size };
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** A keeper that has just died is told nothing: the next one finds out by itself. */
function tellKeeper(message: unknown): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
