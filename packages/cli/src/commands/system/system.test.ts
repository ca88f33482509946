import { describe, expect, test } from "@jest/globals";
import { fakeNetwork } from "../../testing/fake-network.js";
import { fakeRuntime } from "../../testing/fake-runtime.js";
import { FakeSurroundings } from "../../testing/fake-surroundings.js";
import { auditNetworks } from "./audit-networks.js";

const remnant = { kind: "name", subject: "web", meaning: "its owner died" } as const;

describe("system recover", () => {
  test("says what it has mended, and what it could not", async () => {
    const { runtime } = fakeRuntime([], {
      recover: ({ dryRun = false } = {}) =>
        Promise.resolve({
          dryRun,
          found: [remnant],
          done: dryRun ? [] : [remnant],
          failed: dryRun ? [] : [{ kind: "task", subject: "t", reason: "its shim is frozen" }],
        }),
    });
    const around = new FakeSurroundings(runtime, fakeNetwork().network);
    expect(await around.main("system", "recover")).toBe(1);
    expect(around.stdout.text).toBe("Mended: name web (its owner died)\n");
    expect(around.stderr.text).toContain("task t: its shim is frozen");
    const dry = new FakeSurroundings(runtime, fakeNetwork().network);
    expect(await dry.main("system", "recover", "--dry-run")).toBe(0);
    expect(dry.stdout.text).toBe("Would mend: name web (its owner died)\n");
  });
});

describe("system doctor", () => {
  test("shows what was found and what to do, and ends with 1 where containers cannot be run", async () => {
    const { runtime } = fakeRuntime([], {
      audit: () =>
        Promise.resolve({
          findings: [
            { severity: "ok", subject: "clock", meaning: "it is noon" },
            { severity: "error", subject: "disk", meaning: "it is full", action: "free space" },
          ],
        }),
    });
    const around = new FakeSurroundings(runtime, fakeNetwork().network);
    expect(await around.main("system", "doctor", "--quiet")).toBe(1);
    expect(around.stdout.text).toBe("ERROR    disk: it is full\n         free space\n");
    const fine = new FakeSurroundings(fakeRuntime().runtime, fakeNetwork().network);
    expect(await fine.main("system", "doctor")).toBe(0);
    expect(fine.stdout.text).toContain("ok       containerd: it answers\n");
  });

  test("tells of networks what is missing and what runs out", () => {
    const severities = auditNetworks({
      host: {
        capabilities: { netAdmin: true, sysAdmin: false },
        binDirs: [],
        firewalls: [{ tool: "nft", mixed: false }],
      },
      problems: [{ file: "/etc/cni/net.d/x.conflist", message: "is no JSON" }],
      networks: [
        {
          name: "voiyd",
          file: "f",
          ready: false,
          problem: "no version in common",
          plugins: [],
          addresses: [{ subnet: "10.0.0.0/30", total: 2, free: 0 }],
          attachments: { adding: 0, attached: 0, broken: 0, deleting: 0, foreign: 0 },
          primed: false,
          primedForPorts: false,
          quirks: [],
        },
      ],
    });
    expect(severities.map(({ severity, subject }) => `${severity} ${subject}`)).toEqual([
      "error rights",
      "warning nft",
      "warning /etc/cni/net.d/x.conflist",
      "error network voiyd",
      "error network voiyd",
    ]);
  });
});
