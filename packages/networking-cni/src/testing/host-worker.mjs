// Runs steps with a network manager, as a process of its own that a test can put into a network namespace and kill.
// argv[2]: { options, steps }. Each step is [method, …arguments], or { parallel: [step, …] }. One line of JSON a step.
import { createNetworkManager } from "../../dist/esm/index.js";

const { options, steps } = JSON.parse(process.argv[2]);
const manager = createNetworkManager(options);

async function run(step) {
  if ("parallel" in step) return Promise.all(step.parallel.map(run));
  const [method, ...args] = step;
  try {
    return { value: (await manager[method](...args)) ?? null };
  } catch (error) {
    return { error: { code: error.code, message: error.message, details: error.details, stack: error.stack } };
  }
}

process.stdout.write("ready\n");
for (const step of steps) process.stdout.write(`${JSON.stringify(await run(step))}\n`);
