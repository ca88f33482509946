import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Below the tests' own folder, so that the packages are found. */
const OUTPUT = fileURLToPath(new URL("../../out-tsc", import.meta.url));

/** A folder of TypeScript, as plain Node runs it in a process of its own. Disposing of it removes what was compiled. */
export class CompiledProgram implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param sources a folder without folders in it */
  static async from(sources: string): Promise<CompiledProgram> {
    await mkdir(OUTPUT, { recursive: true });
    const folder = await mkdtemp(join(OUTPUT, "faults-"));
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    for (const name of await readdir(sources)) {
      const { outputText } = ts.transpileModule(await readFile(join(sources, name), "utf8"), {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      });
      await writeFile(join(folder, name.replace(/\.ts$/, ".js")), outputText);
    }
    return new CompiledProgram(folder);
  }

  /** @param name as `main.js` */
  path(name: string): string {
    return join(this.#folder, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
