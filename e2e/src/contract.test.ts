import { createServer } from "node:net";
import { afterAll, describe, test } from "@jest/globals";
import { checkHost, formatMissing } from "@voiyd/harness";
import { busyboxPrograms, runtimeContract } from "@voiyd/runtime-testing";
import { openStage, type Stage } from "./fixture/stage.js";

const report = await checkHost();
if (report.missing.length > 0) {
  process.stderr.write(`skipped: the contract, because of this host: ${formatMissing(report)}\n`);
  describe.skip("the contract", () => {
    test("needs what this host does not have", () => undefined);
  });
} else {
  const stage: Stage = await openStage();
  afterAllTests(stage);
  runtimeContract({
    name: "containerd",
    createRuntime: () => Promise.resolve(stage.main.runtime),
    image: stage.busybox,
    missingImage: `${stage.registry.host}/test/no-such-image:latest`,
    programs: busyboxPrograms,
    capabilities: [
      "attach",
      "commit",
      "copy",
      "diff",
      "export",
      "disk-usage",
      "edit",
      "recover",
      "events",
      "exec",
      "image-archives",
      "image-inspection",
      "image-pruning",
      "image-push",
      "image-tags",
      "image-verification",
      "images",
      "lifecycle",
      "supervise",
      "logs",
      "pause",
      "stats",
      "top",
      "wait",
    ],
    pushTarget: `${stage.registry.host}/test/pushed-by-the-contract:1`,
    loseBlob: async (_runtime, digest) => {
      await stage.main.client.content.delete({ digest });
    },
    freePort,
    testApi: { describe, test },
  });
}

function afterAllTests(stage: Stage): void {
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("no port"));
      });
    });
  });
}
