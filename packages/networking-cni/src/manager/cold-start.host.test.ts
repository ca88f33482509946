import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { HostSandbox, hostTestObstacle, type Step } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: first attaches at once: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

/** How many fresh hosts there are; `VOIYD_CNI_ROUNDS` makes it more. */
const ROUNDS = Number(process.env["VOIYD_CNI_ROUNDS"] ?? "2");
const AT_ONCE = 16;

jest.setTimeout(60_000 + ROUNDS * 60_000);

describeHost.each(["plugins", "lean"] as const)(
  "sixteen first attaches at once on a fresh host, in mode %s",
  (mode) => {
    let host: HostSandbox;
    beforeEach(() => {
      host = new HostSandbox({}, mode);
    });
    afterEach(() => host.remove());

    const ids = Array.from({ length: AT_ONCE }, (_, index) => `voiyd-${String(index)}`);
    const attach = (containerId: string, index: number): Step => [
      "attach",
      { containerId, portMappings: index % 2 === 0 ? [{ hostPort: 9000 + index, containerPort: 80 }] : [] },
    ];

    test.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))(
      "round %i: no error, and no rule twice",
      async (round) => {
        // By turns in one process, in two, and in sixteen.
        const processes = [1, 2, AT_ONCE][round % 3] ?? 1;
        const share = AT_ONCE / processes;
        const answers = await Promise.all(
          Array.from({ length: processes }, (_, part) => {
            const mine = ids.map(attach).slice(part * share, (part + 1) * share);
            return host.run([{ parallel: mine }]);
          }),
        );
        const text = JSON.stringify(answers);
        expect(text).not.toContain('"error"');
        expect(new Set(text.match(/10\.99\.0\.\d+(?=","prefixLength)/g)).size).toBe(AT_ONCE);
        expect(host.duplicateRules()).toEqual([]);
        const detached = await host.run([{ parallel: ids.map((id) => ["detach", id] as const) }]);
        expect(JSON.stringify(detached)).not.toContain('"error"');
        expect(host.inventory()).toEqual([]);
      },
    );
  },
);
