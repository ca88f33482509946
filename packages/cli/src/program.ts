import { main } from "./main.js";
import { nodeSurroundings, type ProgramFacts } from "./process/node.js";

/**
 * The program: the arguments and surroundings of this process. Ends it by hand, because a connection that a registry keeps
 * open for later would hold it back; everything was written by then.
 */
export async function runProgram(facts: ProgramFacts): Promise<never> {
  process.exit(await main(process.argv.slice(2), nodeSurroundings(facts)));
}
