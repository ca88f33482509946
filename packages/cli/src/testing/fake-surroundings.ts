import type { CommandNetwork, CommandRuntime } from "../commands/command.js";
import { main } from "../main.js";
import type {
  Composition,
  Input,
  LocalFiles,
  LocalStat,
  Machine,
  NewFile,
  Output,
  SignalName,
  Surroundings,
} from "../process/surroundings.js";
import type { Settings } from "../settings.js";
import { streamOf } from "./fake-runtime.js";
import { fakeNetwork } from "./fake-network.js";

export const NOW: Date = new Date("2026-03-01T12:05:00.000Z");

export class FakeOutput implements Output {
  readonly isTTY: boolean;
  readonly columns = 80;
  readonly rows = 24;
  readonly chunks: Uint8Array[] = [];
  /** What every write fails with. */
  failure: Error | undefined;

  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.chunks.push(typeof data === "string" ? new TextEncoder().encode(data) : data);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.chunks));
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString("utf8");
  }
}

/** What is typed, and whether it was taken raw. */
export class FakeInput implements Input {
  isTTY = false;
  raw = false;
  readonly typed: Uint8Array[] = [];

  async *chunks(): AsyncIterable<Uint8Array> {
    for (const chunk of this.typed) yield chunk;
  }

  async setRaw(raw: boolean): Promise<void> {
    this.raw = raw;
  }
}

/** Everything around the program, in memory. */
export class FakeSurroundings implements Surroundings {
  env: Readonly<Record<string, string | undefined>> = {};
  readonly cwd = "/home/ada";
  stdin = new FakeInput();
  stdout = new FakeOutput();
  stderr = new FakeOutput();
  readonly files = new Map<string, string>();
  readonly madeFolders: string[] = [];
  /** What making a folder fails with. */
  makeFolderFailure: Error | undefined;
  readonly spawned: (readonly string[])[] = [];
  readonly composed: Settings[] = [];
  disposals = 0;
  readonly #runtime: CommandRuntime;
  readonly #network: CommandNetwork;
  readonly #listeners = new Set<(signal: SignalName) => void>();

  constructor(runtime: CommandRuntime, network: CommandNetwork = fakeNetwork().network) {
    this.#runtime = runtime;
    this.#network = network;
  }

  readonly #resized = new Set<() => void>();

  readonly onResize = (listener: () => void): (() => void) => {
    this.#resized.add(listener);
    return () => this.#resized.delete(listener);
  };

  resize(): void {
    for (const listener of this.#resized) listener();
  }

  readonly signals = {
    subscribe: (listener: (signal: SignalName) => void): (() => void) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };

  get listening(): boolean {
    return this.#listeners.size > 0;
  }

  raise(signal: SignalName): void {
    for (const listener of this.#listeners) listener(signal);
  }

  readonly now = (): Date => NOW;
  readonly random = (): number => 0;
  readonly version = (): string => "1.2.3";

  readonly readFile = async (path: string): Promise<string> => {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`ENOENT: no such file: ${path}`);
    return text;
  };

  readonly makeFolder = async (path: string): Promise<void> => {
    if (this.makeFolderFailure !== undefined) throw this.makeFolderFailure;
    this.madeFolders.push(path);
  };

  readonly createFile = async (path: string): Promise<NewFile> => {
    if (this.files.has(path))
      throw Object.assign(new Error(`EEXIST: file already exists: ${path}`), { code: "EEXIST" });
    this.files.set(path, "");
    return {
      write: async (text) => {
        this.files.set(path, text);
      },
      discard: async () => {
        this.files.delete(path);
      },
    };
  };

  input = "";
  inputIsTTY = false;
  readonly isInputTTY = (): boolean => this.inputIsTTY;

  readonly openInput = async function* (this: FakeSurroundings, path: string | undefined): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(path === undefined ? this.input : await this.readFile(path));
  }.bind(this);

  readonly writeFile = async (path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    this.files.set(path, Buffer.concat(parts).toString("utf8"));
  };

  readonly machine = async (): Promise<Machine> => ({
    name: "host",
    kernel: "6.1.0",
    system: "Debian GNU/Linux 12 (bookworm)",
    architecture: "x64",
    processors: 2,
    memory: 4 * 1024 ** 3,
  });

  /** What a copy finds on this machine, by paths. */
  readonly localKinds = new Map<string, LocalStat["kind"]>([["/home/ada", "directory"]]);
  /** What copies have done to this machine's files. */
  readonly copies: string[] = [];

  readonly localFiles = async (): Promise<LocalFiles> => ({
    stat: async (path, { follow }) => {
      const kind = this.localKinds.get(path.replace(/(?<=.)\/\.?$/, ""));
      return kind === undefined ? undefined : { kind, path: follow ? path.replace(/(?<=.)\/\.?$/, "") : path };
    },
    pack: (path, { name, follow }) => {
      this.copies.push(`pack ${path} as ${name}${follow ? " followed" : ""}`);
      return streamOf(["packed"]);
    },
    unpack: async (archive, folder, { keepOwners, rename }) => {
      let size = 0;
      for await (const chunk of archive) size += chunk.length;
      const renamed = rename === undefined ? "" : ` ${rename.from} becomes ${rename.to}`;
      this.copies.push(
        `unpack ${size === 0 ? "nothing " : ""}in ${folder}${renamed}${keepOwners ? " with owners" : ""}`,
      );
    },
  });

  readonly compose = async (settings: Settings): Promise<Composition> => {
    this.composed.push(settings);
    return {
      runtime: this.#runtime,
      network: this.#network,
      [Symbol.asyncDispose]: async () => {
        this.disposals += 1;
      },
    };
  };

  readonly spawnSelf = async (args: readonly string[]): Promise<void> => {
    this.spawned.push(args);
  };

  main(...argv: readonly string[]): Promise<number> {
    return main(argv, this);
  }
}
