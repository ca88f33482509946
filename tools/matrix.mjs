// `npm run test:matrix [-- [--only PATTERN]… [NAME…]]`: the end-to-end tests against every containerd that users have. The
// installed one always; others are built from their released modules where there is a Go toolchain. NAME picks some of
// them (`installed`, or as in matrix/releases.mjs), PATTERN some of the test files. The last line says how it went.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { installHost } from "./install-host.mjs";
import { buildPrograms, hasGo } from "./matrix/build-programs.mjs";
import { RELEASES } from "./matrix/releases.mjs";
import { checkNode, installPackages, nx, root, run } from "./steps.mjs";

const RESULTS = join(root, "test-results", "e2e.json");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", multiple: true, default: [] } },
});
const known = ["installed", ...RELEASES.map(({ name }) => name)];
const unknown = positionals.filter((name) => !known.includes(name));
const problem =
  checkNode() ?? (unknown.length > 0 ? `${unknown.join(", ")}: there are ${known.join(", ")}` : undefined);
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
const wanted = (name) => positionals.length === 0 || positionals.includes(name);
const log = (text) => console.log(`\n== ${text}`);

/** What is run: a name and the environment that leads the tests to its programs. `reason` where it cannot be run. */
async function prepare(release) {
  const programs = await buildPrograms(release.programs, log);
  const plugins = release.plugins === undefined ? "" : await buildPrograms(release.plugins, log);
  if (programs === undefined || plugins === undefined) return { name: release.name, reason: "it could not be built" };
  const env = { PATH: `${programs}:${process.env.PATH ?? ""}` };
  return { name: release.name, env: plugins === "" ? env : { ...env, VOIYD_HARNESS_PLUGINS: plugins } };
}

async function targets() {
  const found = wanted("installed") ? [{ name: "installed", env: {} }] : [];
  const releases = RELEASES.filter(({ name }) => wanted(name));
  const go = releases.length === 0 || (await hasGo());
  for (const release of releases) {
    found.push(
      go ? await prepare(release) : { name: release.name, reason: "there is no Go toolchain to build it with" },
    );
  }
  return found;
}

/** The tests against one target; what they say of themselves, or that they said nothing. */
async function runTests({ name, env }) {
  log(`End to end: ${name}`);
  await run("containerd", ["--version"], { env });
  mkdirSync(dirname(RESULTS), { recursive: true });
  rmSync(RESULTS, { force: true });
  const code = await nx(["run", "e2e:e2e", ...(values.only.length > 0 ? ["--", ...values.only] : [])], { env });
  if (!existsSync(RESULTS)) return { name, passed: 0, failed: 1, skipped: 0, failures: ["it left no results"] };
  const result = JSON.parse(readFileSync(RESULTS, "utf8"));
  const failures = result.testResults.flatMap((file) =>
    file.assertionResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
  );
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    name,
    passed: result.numPassedTests,
    // The runner failed, and no test did: something outside of the tests is wrong.
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
    failures,
  };
}

log("Packages");
if ((await installPackages((text) => console.log(text))) !== 0) process.exit(1);
await installHost({ extras: true });
const rows = [];
for (const target of await targets()) {
  if (target.reason === undefined) rows.push(await runTests(target));
  else {
    console.log(`${target.name} is skipped: ${target.reason}`);
    rows.push({ name: target.name, passed: 0, failed: 0, skipped: 1, failures: [] });
  }
}

log("What ran against what");
console.table(Object.fromEntries(rows.map(({ name, passed, failed, skipped }) => [name, { passed, failed, skipped }])));
for (const { name, failures } of rows) for (const failure of failures) console.log(`${name}: ${failure}`);
const sum = (field) => rows.reduce((total, row) => total + row[field], 0);
console.log(`\n${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
process.exitCode = sum("failed") === 0 && sum("passed") > 0 ? 0 : 1;
