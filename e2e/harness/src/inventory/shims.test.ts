import { expect, test } from "@jest/globals";
import type { ProcessEntry } from "../process/process-table.js";
import { helpersOf } from "./shims.js";

let pid = 100;
const entry = (...commandLine: readonly string[]): ProcessEntry => ({
  pid: pid++,
  parent: 1,
  startTime: "1",
  state: "S",
  commandLine,
});

test("the runtime's own processes of a host are known by their program and by its folder", () => {
  const keeper = entry("/usr/bin/node", "/app/dist/log-process/main.js", "keep", "/tmp/host-1/voiyd");
  const supervisor = entry("node", "/app/voiyd.cjs", "--address", "/tmp/host-1/containerd.sock", "__supervise");
  const others = [
    entry("/usr/bin/node", "/app/dist/log-process/main.js", "keep", "/tmp/host-10/voiyd"),
    entry("/usr/bin/node", "/app/voiyd.cjs", "--address", "/tmp/host-1/containerd.sock", "ps"),
    entry("/usr/bin/node", "/app/test.js", '{"stateDir":"/tmp/host-1/voiyd","of":"/log-process/main.js"}'),
    entry("vi", "/app/log-process/main.js", "/tmp/host-1/voiyd"),
    { ...keeper, state: "Z" },
  ];
  expect(helpersOf("/tmp/host-1", [...others, keeper, supervisor])).toEqual([keeper, supervisor]);
});
