import type { LogEntry } from "@voiyd/runtime-api";
import type { Output } from "../process/surroundings.js";
import { LogEscaper } from "./escape.js";

export interface LogPrinterOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Escape what goes to a terminal. */
  readonly escaped: boolean;
  readonly timestamps: boolean;
  /** Stands before each line, after its time. */
  readonly details: string;
}

/** So much is held back at most for an output that takes its time. In bytes. */
const HELD_BYTES = 256 * 1024;

/** Prints a log, each stream to its own output: as much at once as there is, and no more than the outputs take. */
export class LogPrinter {
  readonly #streams: Readonly<Record<"stdout" | "stderr", StreamPrinter>>;
  readonly #options: LogPrinterOptions;

  constructor(options: LogPrinterOptions) {
    this.#options = options;
    this.#streams = {
      stdout: new StreamPrinter(options.stdout, options.escaped),
      stderr: new StreamPrinter(options.stderr, options.escaped),
    };
  }

  /** Resolves when the next one may come. */
  async print(entry: LogEntry): Promise<void> {
    const { timestamps, details } = this.#options;
    if (entry.kind === "lost") {
      const bytes = `${entry.bytes} bytes of the container's ${entry.stream} are missing here`;
      await this.#streams.stderr.add(Buffer.from(`voiyd: ${bytes}\n`));
      return;
    }
    const prefix = `${timestamps && entry.time !== undefined ? `${entry.time.toISOString()} ` : ""}${details}`;
    await this.#streams[entry.stream].add(
      prefix === "" ? entry.line : Buffer.concat([Buffer.from(prefix), entry.line]),
    );
  }

  /** Resolves when everything has been printed. */
  async end(): Promise<void> {
    await this.#streams.stdout.end();
    await this.#streams.stderr.end();
  }
}

class StreamPrinter {
  readonly #output: Output;
  readonly #escaper: LogEscaper | undefined;
  #held: Uint8Array[] = [];
  #bytes = 0;
  #writing: Promise<void> | undefined;

  constructor(output: Output, escaped: boolean) {
    this.#output = output;
    this.#escaper = escaped && output.isTTY ? new LogEscaper() : undefined;
  }

  async add(bytes: Uint8Array): Promise<void> {
    this.#held.push(bytes);
    this.#bytes += bytes.length;
    this.#writing ??= this.#write();
    // A failure is told here or at the end; until then it is nobody's surprise.
    this.#writing.catch(() => undefined);
    if (this.#bytes > HELD_BYTES) await this.#writing;
  }

  async end(): Promise<void> {
    await this.#writing;
    const rest = this.#escaper?.end() ?? "";
    if (rest !== "") await this.#output.write(rest);
  }

  async #write(): Promise<void> {
    // What comes in the same turn goes out together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#held.length > 0) {
      const bytes = Buffer.concat(this.#held);
      this.#held = [];
      this.#bytes = 0;
      await this.#output.write(this.#escaper?.write(bytes) ?? bytes);
    }
    this.#writing = undefined;
  }
}
