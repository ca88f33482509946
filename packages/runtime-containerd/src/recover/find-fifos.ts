import { join } from "node:path";
import { listRecords } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { isOpenAnywhere } from "../host/is-open-anywhere.js";
import { stateDirectory } from "../run/name-files.js";
import type { Finding, Options } from "./finder.js";

/** Between its making and its opening a pipe is open nowhere; in milliseconds. */
const YOUNG_MS = 2_000;

/** Pipes of further processes in containers, which neither their caller nor the shim has open any more. */
export async function findFifos(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const { id } of listRecords(context, [], options)) {
    const directory = stateDirectory(context, id);
    for (const name of await context.host.files.list(directory)) {
      const path = join(directory, name);
      if (!name.startsWith("exec-") || (await isOpenAnywhere(path, YOUNG_MS))) continue;
      findings.push({
        kind: "fifo",
        subject: path,
        meaning: "neither the process nor its caller has it open any more",
        mend: async () => {
          if (!(await isOpenAnywhere(path, YOUNG_MS))) await context.host.files.remove(path);
        },
      });
    }
  }
  return findings;
}
