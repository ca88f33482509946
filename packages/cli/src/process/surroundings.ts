import type { CommandNetwork, CommandRuntime } from "../commands/command.js";
import type { Settings } from "../settings.js";

/** Where a command writes to. */
export interface Output {
  readonly isTTY: boolean;
  /** The width of the terminal; 80 where there is none. */
  readonly columns: number;
  /** The height of the terminal; 24 where there is none. */
  readonly rows: number;
  /** Resolves when the data has been handed over, so that a slow reader slows the writer down. Rejects with `EPIPE`. */
  write(data: string | Uint8Array): Promise<void>;
}

/** Where a command reads from. Nothing is read before it is asked for. */
export interface Input {
  readonly isTTY: boolean;
  /** What comes, until its end or until the reader stops. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Of a terminal: every key is passed on as it is (`termios(3)`, raw mode). */
  setRaw(raw: boolean): Promise<void>;
}

/** The signals that voiyd acts on or passes on. */
export type SignalName = "SIGHUP" | "SIGINT" | "SIGQUIT" | "SIGTERM" | "SIGUSR2";

export interface SignalSource {
  /** Returns how to stop listening. While there is a listener, the signals do nothing by themselves. */
  subscribe(listener: (signal: SignalName) => void): () => void;
}

/** A runtime, put together with its network manager and its connection. */
export interface Composition extends AsyncDisposable {
  readonly runtime: CommandRuntime;
  readonly network: CommandNetwork;
}

/** A file that was just made. */
export interface NewFile {
  write(text: string): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** What stands at a path of this machine. */
export interface LocalStat {
  readonly kind: "file" | "directory" | "other";
  /** The path; with its symlinks resolved, if they were followed. */
  readonly path: string;
}

/** The files of this machine, for copies. */
export interface LocalFiles {
  /** Undefined when nothing is there. Not followed, a symlink is something other. */
  stat(path: string, options: { readonly follow: boolean }): Promise<LocalStat | undefined>;
  /** As a tar archive in which it is called `name`. */
  pack(
    path: string,
    options: { readonly name: string; readonly follow: boolean; readonly signal: AbortSignal },
  ): AsyncIterable<Uint8Array>;
  /** Unpacks an archive that is not trusted into a folder. */
  unpack(
    archive: AsyncIterable<Uint8Array>,
    folder: string,
    options: {
      readonly keepOwners: boolean;
      readonly rename?: { readonly from: string; readonly to: string };
      readonly signal: AbortSignal;
    },
  ): Promise<void>;
}

/** The machine that this is. */
export interface Machine {
  readonly name: string;
  readonly kernel: string;
  /** As `Debian GNU/Linux 12 (bookworm)`. */
  readonly system: string;
  readonly architecture: string;
  readonly processors: number;
  /** In bytes. */
  readonly memory: number;
}

/** Everything outside of the program that a command can see or touch. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Tells when the terminal's size changes. Returns how to stop listening. */
  readonly onResize: (listener: () => void) => () => void;
  readonly signals: SignalSource;
  readonly now: () => Date;
  /** From 0, inclusive, to 1, exclusive. Need not be a secret. */
  readonly random: () => number;
  readonly readFile: (path: string) => Promise<string>;
  /** Makes a folder with all that leads to it; one that is there is left as it is. */
  readonly makeFolder: (path: string) => Promise<void>;
  /** Makes a file that must not exist yet, empty until its text is known. */
  readonly createFile: (path: string) => Promise<NewFile>;
  /** A file's bytes as they come, or those of standard input. */
  readonly openInput: (path: string | undefined) => AsyncIterable<Uint8Array>;
  /** Whether a person types into standard input. */
  readonly isInputTTY: () => boolean;
  /** Writes a file anew (0600). One that is not finished is removed again. */
  readonly writeFile: (path: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>;
  readonly machine: () => Promise<Machine>;
  readonly localFiles: () => Promise<LocalFiles>;
  /** The version of this package. */
  readonly version: () => string;
  readonly compose: (settings: Settings) => Promise<Composition>;
  /** Starts voiyd again with these arguments, as a process that outlives this one. */
  readonly spawnSelf: (args: readonly string[]) => Promise<void>;
}
