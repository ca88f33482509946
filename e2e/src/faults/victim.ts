import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { PrivateHost } from "@voiyd/harness";
import type { ContainerRequest } from "@voiyd/runtime-api";
import { describeHost, programEnvironment } from "./host-description.js";

const PROGRAM = fileURLToPath(new URL("../../programs/run-containers.mjs", import.meta.url));

/** Another process at work on the same host, to be ended by the test. */
export class Victim {
  readonly #child: ChildProcess;
  readonly #seen: string[] = [];
  #wake: (() => void) | undefined;
  #error = "";

  constructor(host: PrivateHost, operation: "run" | "delete", ...requests: readonly ContainerRequest[]) {
    this.#child = spawn(
      process.execPath,
      [PROGRAM, JSON.stringify({ host: describeHost(host), operation, requests })],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: programEnvironment(),
      },
    );
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#seen.push(
        ...chunk
          .toString("utf8")
          .split("\n")
          .filter((line) => line !== ""),
      );
      this.#wake?.();
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#error += chunk.toString("utf8");
    });
    this.#child.once("close", () => this.#wake?.());
  }

  /** Resolves when it has said `line`. */
  async saw(line: "begin" | "done"): Promise<void> {
    while (!this.#seen.includes(line)) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`the other process ended before it said ${line}: ${this.#error}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  has(line: "begin" | "done"): boolean {
    return this.#seen.includes(line);
  }

  /** Ends it as nothing can prevent. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }
}
