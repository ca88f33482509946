import { RuntimeError, type Container } from "@voiyd/runtime-api";
import type { Arguments } from "../command-line/arguments.js";
import { codeOf, messageOf } from "../output/failure.js";
import type { NewFile, Surroundings } from "../process/surroundings.js";

/** What of a container is written into which option's file. */
const TEXTS: Readonly<Record<string, (container: Container) => string>> = {
  cidfile: ({ status }) => status.id,
  pidfile: ({ status }) => String(status.pid ?? ""),
};

interface IdFile {
  readonly file: NewFile;
  readonly textOf: (container: Container) => string;
}

/**
 * The files of `--cidfile` and `--pidfile`. They are made before the container, so that a name that is taken costs nothing, and
 * are gone again when there is no container.
 */
export class IdFiles implements AsyncDisposable {
  readonly #files: readonly IdFile[];
  #isWritten = false;

  private constructor(files: readonly IdFile[]) {
    this.#files = files;
  }

  /** Throws `ALREADY_EXISTS` for a file that is there, `INVALID_ARGUMENT` for one that cannot be made. */
  static async open(args: Arguments, surroundings: Pick<Surroundings, "createFile">): Promise<IdFiles> {
    const files: IdFile[] = [];
    for (const [option, textOf] of Object.entries(TEXTS)) {
      const path = args.value(option);
      if (path === undefined || path === "") continue;
      try {
        files.push({ file: await surroundings.createFile(path), textOf });
      } catch (cause) {
        await new IdFiles(files)[Symbol.asyncDispose]();
        throw refuse(option, path, cause);
      }
    }
    return new IdFiles(files);
  }

  async write(container: Container): Promise<void> {
    this.#isWritten = true;
    for (const { file, textOf } of this.#files) await file.write(textOf(container));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isWritten) return;
    for (const { file } of this.#files) await file.discard();
  }
}

function refuse(option: string, path: string, cause: unknown): RuntimeError {
  const message = messageOf(cause);
  const exists = codeOf(cause) === "EEXIST";
  return new RuntimeError(
    exists ? "ALREADY_EXISTS" : "INVALID_ARGUMENT",
    exists ? `--${option}: ${path} is there already` : `--${option}: ${path} cannot be made: ${message}`,
    { cause, details: { option: `--${option}` }, ...(exists ? { hint: "remove it when its container is gone" } : {}) },
  );
}
