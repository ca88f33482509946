// `npm run test:matrix [-- [--only PATTERN]… [NAME…]]`: the end-to-end tests against every containerd that users have, and
// the tests of networks on a real host with every release of the CNI plugins. The installed ones always (those of networks
// by `npm test`); others are built from their released modules where there is a Go toolchain. NAME picks some of them
// (`installed`, or as in matrix/releases.mjs), PATTERN some of the test files. The last line says how it went.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { installHost } from "./install-host.mjs";
import { buildPrograms, hasGo } from "./matrix/build-programs.mjs";
import { PLUGIN_RELEASES, RELEASES } from "./matrix/releases.mjs";
import { checkNode, installPackages, nx, root, run } from "./steps.mjs";

/** Where the tests of networks on a real host are. */
const NETWORKING = "networking-cni";
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", multiple: true, default: [] } },
});
const known = ["installed", ...[...RELEASES, ...PLUGIN_RELEASES].map(({ name }) => name)];
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
async function prepare({ name, programs, plugins }) {
  const daemon = programs === undefined ? "" : await buildPrograms(programs, log);
  const folder = plugins === undefined ? "" : await buildPrograms(plugins, log);
  if (daemon === undefined || folder === undefined) return { name, reason: "it could not be built" };
  if (daemon === "") {
    // Which plugins they are run with is nothing that Nx would know.
    return { name, project: NETWORKING, env: { VOIYD_CNI_PLUGINS: folder, NX_SKIP_NX_CACHE: "true" } };
  }
  const env = { PATH: `${daemon}:${process.env.PATH ?? ""}`, VOIYD_HARNESS_PROGRAMS: daemon };
  return { name, env: folder === "" ? env : { ...env, VOIYD_HARNESS_PLUGINS: folder } };
}

async function targets() {
  const found = wanted("installed") ? [{ name: "installed", env: {} }] : [];
  const releases = [...RELEASES, ...PLUGIN_RELEASES].filter(({ name }) => wanted(name));
  const go = releases.length === 0 || (await hasGo());
  for (const release of releases) {
    found.push(
      go ? await prepare(release) : { name: release.name, reason: "there is no Go toolchain to build it with" },
    );
  }
  return found;
}

function hostTests() {
  return values.only.length > 0 ? values.only : ["host.test"];
}

/** The tests against one target; what they say of themselves, or that they said nothing. */
async function runTests({ name, env, project = "e2e" }) {
  log(`${project === "e2e" ? "End to end" : "Networks on a real host"}: ${name}`);
  if (project === "e2e") await run("containerd", ["--version"], { env });
  const results = join(root, "test-results", `${project}.json`);
  mkdirSync(dirname(results), { recursive: true });
  rmSync(results, { force: true });
  // PATTERN may be for tests of the other kind only.
  const [target, patterns] =
    project === "e2e" ? ["e2e:e2e", values.only] : [`${project}:test`, ["--passWithNoTests", ...hostTests()]];
  const code = await nx(["run", target, ...(patterns.length > 0 ? ["--", ...patterns] : [])], { env });
  if (!existsSync(results)) return { name, passed: 0, failed: 1, skipped: 0, failures: ["it left no results"] };
  const result = JSON.parse(readFileSync(results, "utf8"));
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
