import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PrivateHost } from "@voiyd/harness";
import ts from "typescript";
import type { Order, Outcome } from "./program/main.js";

const SOURCES = fileURLToPath(new URL("program", import.meta.url));
/** Below the tests' own folder, so that the packages are found. */
const OUTPUT = fileURLToPath(new URL("../../out-tsc", import.meta.url));

/** A process that does what it is told, until it is told to die; then there is another one. */
export class Worker implements AsyncDisposable {
  readonly #host: PrivateHost;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #lines: AsyncIterator<string> | undefined;
  #said = "";

  private constructor(host: PrivateHost, folder: string) {
    this.#host = host;
    this.#folder = folder;
  }

  static async open(host: PrivateHost): Promise<Worker> {
    await mkdir(OUTPUT, { recursive: true });
    const folder = await mkdtemp(join(OUTPUT, "faults-"));
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    for (const name of await readdir(SOURCES)) {
      const { outputText } = ts.transpileModule(await readFile(join(SOURCES, name), "utf8"), {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      });
      await writeFile(join(folder, name.replace(/\.ts$/, ".js")), outputText);
    }
    return new Worker(host, folder);
  }

  /** Undefined when it died of it. */
  async obey(order: Order): Promise<Outcome | undefined> {
    this.#child ??= this.#spawn();
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    const line = await this.#lines?.next();
    if (line === undefined || line.done === true) {
      const child = this.#child;
      if (child.exitCode === null && child.signalCode === null) await once(child, "close");
      if (child.signalCode !== "SIGKILL") throw new Error(`the worker ended by itself: ${this.#said}`);
      this.#child = undefined;
      return undefined;
    }
    return JSON.parse(line.value) as Outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    if (child !== undefined) {
      const closed = once(child, "close");
      child.stdin?.end();
      await closed;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  #spawn(): ChildProcess {
    const { address, confDir, cacheDir, netnsDir, pluginDirs, bridge, subnet, ipamDir, logDirFmt, stateDir } =
      this.#host;
    const network = { confDir, cacheDir, netnsDir, pluginDirs, bridge, subnet, ipamDir };
    const env = { ...process.env };
    // It only costs time at the start of a process.
    delete env["NODE_EXTRA_CA_CERTS"];
    const described = JSON.stringify({ address, ...network, logDirFmt, stateDir });
    const child = spawn(process.execPath, [join(this.#folder, "main.js"), described], {
      stdio: ["pipe", "pipe", "pipe"],
      env,
    });
    this.#said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      this.#said += chunk.toString("utf8");
    });
    // It dies with orders in its pipe.
    child.stdin.on("error", () => undefined);
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return child;
  }
}
