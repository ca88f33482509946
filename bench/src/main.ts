import { fileURLToPath } from "node:url";
import { checkHost, formatMissing } from "@voiyd/harness";
import { readArguments } from "./arguments.js";
import { runScenario, type ScenarioResult } from "./measure/run-scenario.js";
import { describeMachine } from "./report/machine.js";
import { writeSmokeReport } from "./report/smoke-report.js";
import { resultTable } from "./report/table.js";
import { writeReport } from "./report/write-report.js";
import { SCENARIOS } from "./scenarios/index.js";
import { inOwnNetwork } from "./stage/own-network.js";
import { openStage } from "./stage/stage.js";

const SMOKE_REPORT = fileURLToPath(new URL("../../test-results/bench.json", import.meta.url));
const ORDER = SCENARIOS.map(({ name }) => name);
const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));

/** Runs what was asked for; resolves with the exit code. Only a scenario that breaks makes it anything but 0. */
async function main(args: readonly string[]): Promise<number> {
  const { scenarios, scale } = readArguments(args, SCENARIOS);
  const host = await checkHost();
  if (host.missing.length > 0) {
    console.error(`nothing is measured, because of this host:\n${formatMissing(host)}`);
    if (!scale.smoke) return 1;
    await writeSmokeReport(SMOKE_REPORT, { passed: 0, failed: 0, skipped: scenarios.length });
    return 0;
  }
  const inside = inOwnNetwork(fileURLToPath(import.meta.url));
  if (inside !== undefined) return inside;
  await using stage = await openStage(scale);
  const results: ScenarioResult[] = [];
  const broken: string[] = [];
  const machine = scale.smoke ? undefined : await describeMachine(await stage.runtime.version(), stage.env);
  for (const scenario of scenarios) {
    try {
      const result = await runScenario(scenario, stage, scale);
      results.push(result);
      console.log(scale.smoke ? `${scenario.name}: works` : `${resultTable(result)}\n`);
    } catch (error) {
      broken.push(scenario.name);
      console.error(`${scenario.name}: broken`, error);
    }
    // As it goes on: a run that is cut short has told what it measured.
    if (machine !== undefined) await writeReport(DOCS, { machine, results }, ORDER);
  }
  if (scale.smoke) {
    await writeSmokeReport(SMOKE_REPORT, { passed: results.length, failed: broken.length, skipped: 0 });
  }
  console.log(
    `${results.length} of ${scenarios.length} scenarios work${broken.length === 0 ? "" : `; broken: ${broken.join(", ")}`}`,
  );
  return broken.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  return 1;
});
