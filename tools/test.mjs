// `npm test`: installs what is missing, then runs everything. The last line says how it went.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { checkNode, installPackages, nx, root } from "./steps.mjs";
import { installHost } from "./install-host.mjs";

const results = join(root, "test-results");
const total = { passed: 0, failed: 0, skipped: 0 };
/** What failed, and why: told at the end once more, where a long log is read first. */
const failures = [];
/** Of each reason, in lines. */
const REASON_LINES = 16;

function say(text) {
  console.log(`\n== ${text}`);
}

/** The tests of a project that failed, as Jest's results have them. The benchmarks have names for nothing but themselves. */
function failuresOf(project, { testResults, numFailedTests }) {
  if (testResults === undefined) return numFailedTests > 0 ? [{ what: project, why: "see its output above" }] : [];
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === "failed");
    const file = `${project}: ${relative(root, name)}`;
    // A file that could not be run has no tests.
    if (failed.length === 0) return message === "" ? [] : [{ what: file, why: message }];
    return failed.map(({ fullName, failureMessages }) => ({
      what: `${file}: ${fullName}`,
      why: failureMessages[0] ?? "",
    }));
  });
}

function finish() {
  if (failures.length > 0) say("What failed");
  for (const { what, why } of failures) {
    const reason = stripVTControlCharacters(why).split("\n").slice(0, REASON_LINES);
    console.log([what, ...reason.map((line) => `    ${line}`)].join("\n"));
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
}

/** A step that counts as one test. */
async function check(name, work) {
  say(name);
  const code = await work();
  if (code === 0) total.passed++;
  else {
    total.failed++;
    failures.push({ what: name, why: `ended with ${String(code)}` });
  }
  return code === 0;
}

/** Tests that Jest ran; a run that says nothing of itself has failed. */
async function suite(name, work, projects) {
  say(name);
  for (const project of projects) rmSync(join(results, `${project}.json`), { force: true });
  const code = await work();
  let failedBefore = total.failed;
  for (const project of projects) {
    const file = join(results, `${project}.json`);
    if (!existsSync(file)) {
      console.error(`${project}: left no results`);
      failures.push({ what: project, why: "left no results" });
      total.failed++;
      continue;
    }
    const result = JSON.parse(readFileSync(file, "utf8"));
    total.passed += result.numPassedTests;
    total.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    total.skipped += result.numPendingTests + result.numTodoTests;
    failures.push(...failuresOf(project, result));
  }
  // The runner failed, and no test did: something outside of the tests is wrong.
  if (code !== 0 && total.failed === failedBefore) {
    total.failed++;
    failures.push({ what: name, why: `ended with ${String(code)}` });
  }
}

const problem = checkNode();
if (problem !== undefined) {
  console.error(problem);
  total.failed++;
  finish();
}
if (!(await check("Packages", () => installPackages((text) => console.log(text))))) finish();
say("This machine");
const host = await installHost({ log: (text) => console.log(text), extras: true });
console.log(host.ok ? "Everything that is needed is here." : host.problem);
// Where it cannot be made ready, tests are skipped and say why; where it should have been, that is a failure.
if (!host.ok && host.tried) total.failed++;

mkdirSync(results, { recursive: true });
const fresh = process.env.CI === undefined ? {} : { NX_SKIP_NX_CACHE: "true" };
if (!(await check("Build", () => nx(["run-many", "-t", "build", "executable"], { env: fresh })))) finish();

/** A step on what has been built: without the cache, Nx would build it all anew for each. */
const onBuilt = (args, options = {}) => nx([...args, "--excludeTaskDependencies"], { env: fresh, ...options });

/** Something to be judged later: it computes on one processor, and needs and changes nothing that is beside it. */
function beside(work) {
  const output = [];
  const ended = work({ output });
  return async () => {
    const code = await ended;
    if (code !== 0) process.stdout.write(Buffer.concat(output));
    return code;
  };
}

await check("Types", () => onBuilt(["run-many", "-t", "typecheck"]));

// Some run programs that set up networks, and look at what the whole machine has: those have it to themselves.
const alone = ["networking-cni", "harness"];
const together = readdirSync(join(root, "packages")).filter((name) => !alone.includes(name));
const unit = (projects, parallel) => () =>
  onBuilt(["run-many", "-t", "test", `--projects=${projects.join(",")}`, `--parallel=${parallel}`]);
await suite("Unit tests", unit(together, 2), together);
// They wait for other programs much of the time.
const lint = beside((options) => onBuilt(["run", "voiyd:lint"], options));
await suite("Unit tests on this host", unit(alone, 1), alone);
await check("Lint", lint);
await suite("End to end", () => onBuilt(["run", "e2e:e2e"]), ["e2e"]);
await suite("Benchmarks, each once and unjudged", () => onBuilt(["run", "bench:smoke"]), ["bench"]);
finish();
