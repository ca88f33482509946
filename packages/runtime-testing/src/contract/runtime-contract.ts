import { abortContract } from "./abort.js";
import { capabilitiesContract } from "./capabilities.js";
import { cleanupContract } from "./cleanup.js";
import { concurrencyContract } from "./concurrency.js";
import { commitContract, commitOfCopiesContract, diffContract, diffOfCopiesContract } from "./commit.js";
import { copyContract, exportOfCopiesContract } from "./copy.js";
import { deleteContract } from "./delete.js";
import { diskUsageContract } from "./disk-usage.js";
import { eventsContract } from "./events.js";
import { getContract } from "./get.js";
import type { ContractCapability, ContractHarness } from "./harness.js";
import { identityContract } from "./identity.js";
import { imageArchivesContract } from "./image-archives.js";
import { imageInspectionContract } from "./image-inspection.js";
import { imagePruningContract } from "./image-pruning.js";
import { imagePushContract } from "./image-push.js";
import { imageTagsContract } from "./image-tags.js";
import { imageVerificationContract } from "./image-verification.js";
import { imagesContract } from "./images.js";
import { ioContract } from "./io.js";
import { killContract } from "./kill.js";
import { superviseContract } from "./supervise.js";
import { editContract, execContract, lifecycleContract, pauseContract } from "./life.js";
import { listContract } from "./list.js";
import { logsContract, logsOverRestartsContract } from "./logs.js";
import { networksContract } from "./networks.js";
import { portsContract } from "./ports.js";
import { pullContract } from "./pull.js";
import { recoverContract } from "./recover.js";
import { refusalsContract } from "./refusals.js";
import { runContract } from "./run.js";
import type { Promised, Stage } from "./stage.js";
import { createStage } from "./stage.js";
import { statsContract } from "./stats.js";
import { stopContract } from "./stop.js";
import { waitContract } from "./wait.js";

/**
 * Declares the tests that are the meaning of `Runtime`: whatever passes them is one. Call it where tests are declared;
 * it returns at once. Every test deletes what it made, and fails when a container is left.
 */
export function runtimeContract(harness: ContractHarness): void {
  const { describe, test } = harness.testApi;
  const promised: Promised = (name, body) => {
    test(name, () => onStage(harness, body));
  };
  const part = (name: string, declare: (promised: Promised, harness: ContractHarness) => void): void => {
    describe(`${harness.name}: ${name}`, () => {
      declare(promised, harness);
    });
  };
  const has = (capability: ContractCapability): boolean => harness.capabilities.includes(capability);
  part("run", runContract);
  part("run refuses", refusalsContract);
  part("run in parallel", concurrencyContract);
  part("published ports", portsContract);
  part("networks", networksContract);
  part("list", listContract);
  part("get", getContract);
  part("id, name and labels", identityContract);
  part("stop", stopContract);
  part("kill", killContract);
  part("delete", deleteContract);
  part("cleanup", cleanupContract);
  part("pull", pullContract);
  part("io", ioContract);
  part("abort", abortContract);
  part("capabilities", capabilitiesContract);
  if (has("wait")) part("wait", waitContract);
  if (has("images")) part("images", imagesContract);
  if (has("image-tags")) part("image tags", imageTagsContract);
  if (has("image-pruning")) part("image pruning", imagePruningContract);
  if (has("image-inspection")) part("image inspection", imageInspectionContract);
  if (has("image-archives")) part("image archives", imageArchivesContract);
  if (has("image-push")) part("image push", imagePushContract);
  if (has("image-verification")) part("image verification", imageVerificationContract);
  if (has("supervise")) part("supervise", superviseContract);
  if (has("lifecycle")) part("lifecycle", lifecycleContract);
  if (has("logs")) part("logs", logsContract);
  if (has("logs") && has("supervise")) part("logs over restarts", logsOverRestartsContract);
  if (has("exec")) part("exec", execContract);
  if (has("pause")) part("pause", pauseContract);
  if (has("events")) part("events", eventsContract);
  if (has("stats")) part("stats", statsContract);
  if (has("diff")) part("diff", diffContract);
  if (has("commit")) part("commit", commitContract);
  if (has("copy")) part("copy", copyContract);
  if (has("copy") && has("export")) part("export of copies", exportOfCopiesContract);
  if (has("copy") && has("diff")) part("diff of copies", diffOfCopiesContract);
  if (has("copy") && has("diff") && has("commit")) part("commit of copies", commitOfCopiesContract);
  if (has("edit")) part("edit", editContract);
  if (has("disk-usage")) part("disk usage", diskUsageContract);
  if (has("recover")) part("recover", recoverContract);
}

async function onStage(harness: ContractHarness, body: (stage: Stage) => Promise<void>): Promise<void> {
  const runtime = await harness.createRuntime();
  const stage = createStage(harness, runtime);
  const failures: unknown[] = [];
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    await step().catch((error: unknown) => {
      failures.push(error);
    });
  };
  await attempt(async () => {
    await runtime.pull(stage.request([]));
    await body(stage);
  });
  await attempt(() => stage.clear());
  await attempt(async () => harness.disposeRuntime?.(runtime));
  // The first failure is the one to read; what follows from it is not worth hiding it.
  if (failures.length > 0) throw failures[0];
}
