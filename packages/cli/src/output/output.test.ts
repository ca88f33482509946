import { describe, expect, test } from "@jest/globals";
import type { ContainerStatus, PortMapping } from "@voiyd/runtime-api";
import { fakeContainer } from "../testing/fake-container.js";
import { humanBytes } from "./bytes.js";
import { familiarName } from "./familiar-name.js";
import { renderPorts } from "./ports.js";
import { renderStatus } from "./status.js";
import { renderTable, truncate } from "./table.js";
import { humanDuration } from "./time.js";

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe("a duration in words", () => {
  test.each<[number, string]>([
    [-5 * SECOND, "Less than a second"],
    [999, "Less than a second"],
    [SECOND, "1 second"],
    [59 * SECOND, "59 seconds"],
    [60 * SECOND, "About a minute"],
    [119 * SECOND, "About a minute"],
    [120 * SECOND, "2 minutes"],
    [HOUR - 1, "59 minutes"],
    [HOUR, "About an hour"],
    [1.5 * HOUR, "2 hours"],
    [47 * HOUR, "47 hours"],
    [48 * HOUR, "2 days"],
    [13 * DAY, "13 days"],
    [14 * DAY, "2 weeks"],
    [59 * DAY, "8 weeks"],
    [60 * DAY, "2 months"],
    [729 * DAY, "24 months"],
    [730 * DAY, "2 years"],
  ])("%d ms", (milliseconds, words) => {
    expect(humanDuration(milliseconds)).toBe(words);
  });
});

test.each<[number, string]>([
  [0, "0B"],
  [999, "999B"],
  [1000, "1kB"],
  [4_054_321, "4.05MB"],
  [192_400_000, "192MB"],
  [999_600, "1MB"],
  [1_234_567_890, "1.23GB"],
])("%d bytes", (bytes, words) => {
  expect(humanBytes(bytes)).toBe(words);
});

test.each<[string, string, string]>([
  ["docker.io/library/nginx:latest", "nginx", "latest"],
  ["docker.io/owner/app:1.2", "owner/app", "1.2"],
  ["ghcr.io/owner/app:1.2", "ghcr.io/owner/app", "1.2"],
  ["localhost:5000/app:1", "localhost:5000/app", "1"],
  ["localhost:5000/app@sha256:abc", "localhost:5000/app", "<none>"],
  ["docker.io/library/app:1@sha256:abc", "app", "1"],
])("%s is shown as people write it", (reference, repository, tag) => {
  expect(familiarName(reference)).toEqual({ repository, tag });
});

describe("ports", () => {
  test.each<[PortMapping[], string]>([
    [[], ""],
    [[{ containerPort: 80, hostPort: 8080 }], "0.0.0.0:8080->80/tcp"],
    [[{ containerPort: 53, hostPort: 5353, protocol: "udp", hostIp: "::1" }], "[::1]:5353->53/udp"],
    [
      [
        { containerPort: 82, hostPort: 8002 },
        { containerPort: 80, hostPort: 8000 },
        { containerPort: 81, hostPort: 8001 },
        { containerPort: 81, hostPort: 8001, protocol: "udp" },
        { containerPort: 83, hostPort: 9000 },
      ],
      "0.0.0.0:8000-8002->80-82/tcp, 0.0.0.0:9000->83/tcp, 0.0.0.0:8001->81/udp",
    ],
  ])("%j", (ports, text) => {
    expect(renderPorts(ports)).toBe(text);
  });
});

describe("a status", () => {
  const now = new Date("2026-03-01T12:05:00.000Z");
  test.each<[Partial<ContainerStatus>, string]>([
    [{ phase: "running" }, "Up 5 minutes"],
    [{ phase: "paused" }, "Up 5 minutes (Paused)"],
    [{ phase: "exited", exitCode: 0, exitedAt: new Date(now.getTime() - 3000) }, "Exited (0) 3 seconds ago"],
    [{ phase: "exited" }, "Exited (unknown)"],
    [{ phase: "created" }, "Created"],
    [{ phase: "creating" }, "Creating"],
    [{ phase: "deleting" }, "Removal In Progress"],
    [{ phase: "unknown" }, "Unknown"],
  ])("%j", (status, text) => {
    expect(renderStatus(fakeContainer({ meta: { name: "x" }, config: { image: "x" } }, status), now)).toBe(text);
  });
});

describe("a table", () => {
  test("has columns as wide as their widest cell, and no blanks at the end of a line", () => {
    expect(
      renderTable(
        ["A", "LONG", "C"],
        [
          ["longer", "x", ""],
          ["é", "🦆", "z"],
        ],
      ),
    ).toBe("A        LONG   C\nlonger   x\né        🦆      z\n");
  });

  test("cells cannot steer a terminal or break their row", () => {
    expect(renderTable(["A"], [["\u001b[2J\n"]])).toBe("A\n\\x1b[2J\\n\n");
  });

  test("what is too long is cut between characters", () => {
    expect(truncate("abcdef", 4)).toBe("abc…");
    expect(truncate("🦆🦆🦆", 2)).toBe("🦆…");
    expect(truncate("abcd", 4)).toBe("abcd");
  });
});
