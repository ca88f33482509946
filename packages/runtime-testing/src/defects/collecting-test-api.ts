import type { ContractTestApi } from "../contract/harness.js";

export interface Verdict {
  readonly test: string;
  readonly failure?: unknown;
}

export interface CollectingTestApi extends ContractTestApi {
  /** Runs the declared tests, some at a time, and says how each ended. */
  runAll(): Promise<Verdict[]>;
}

/** A defect may make a test hang, which is a failure too. An honest runtime needs a small part of this. */
const DEADLINE_MS = 3000;
/** Each test has a runtime of its own, so they do not disturb each other. */
const AT_ONCE = 16;

/** A test framework that reports instead of failing, for the proof that the suite sees defects. */
export function collectingTestApi(): CollectingTestApi {
  const declared: { readonly name: string; readonly body: () => Promise<void> }[] = [];
  const groups: string[] = [];
  return {
    describe: (name, body) => {
      groups.push(name);
      body();
      groups.pop();
    },
    test: (name, body) => {
      declared.push({ name: [...groups, name].join(" › "), body });
    },
    runAll: async () => {
      const verdicts: Verdict[] = [];
      const queue = [...declared];
      const work = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          verdicts.push(await verdictOf(next.name, next.body));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      return verdicts;
    },
  };
}

async function verdictOf(test: string, body: () => Promise<void>): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, DEADLINE_MS, new Error("the test did not end"));
  });
  try {
    await Promise.race([body(), deadline]);
    return { test };
  } catch (failure) {
    return { test, failure };
  } finally {
    clearTimeout(timer);
  }
}
