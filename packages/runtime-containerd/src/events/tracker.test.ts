import { describe, expect, test } from "@jest/globals";
import { type ContainerEvent, generateId } from "@voiyd/runtime-api";
import { LABEL } from "../container/label-names.js";
import type { DaemonEvent } from "./daemon-event.js";
import type { Found } from "./list-findings.js";
import type { Removal } from "./removal.js";
import type { Beginning } from "./subscription.js";
import { Tracker } from "./tracker.js";

const id = generateId();
const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const NOW = at(59);

const created: DaemonEvent = { kind: "created", time: at(1), id };
const updated = (name = "web", revision = 1): DaemonEvent => {
  const labels = { [LABEL.name]: name, [LABEL.revision]: String(revision), own: "1" };
  return { kind: "updated", time: at(2), id, image: "docker.io/library/app:latest", labels };
};
const started = (pid: number): DaemonEvent => ({ kind: "started", time: at(3), id, pid });
const exited = (pid: number, exitCode = 5): DaemonEvent => {
  return { kind: "exited", time: at(4), id, pid, exit: { exitCode, exitedAt: at(4) } };
};
const neverRan: DaemonEvent = { kind: "exited", time: at(4), id, pid: 7, exit: { exitCode: "unknown" } };
const deleted: DaemonEvent = { kind: "deleted", time: at(5), id };

function found(finding: Partial<Found["finding"]>, isWhole = true): Found {
  const identity = { name: "web", image: "docker.io/library/app:latest", labels: { own: "1" }, revision: 1 };
  const rest = { phase: undefined, pid: undefined, startedAt: at(3), exit: undefined };
  return { id, created: at(1), isWhole, finding: { ...identity, ...rest, ...finding } };
}

function beginning(
  containers: readonly Found[],
  meanwhile: readonly DaemonEvent[],
  removed: readonly Removal[] = [],
): Beginning {
  const removals = new Map(removed.map((removal) => [removal.id, removal]));
  return { kind: "beginning", containers, meanwhile, removals };
}

/** What is told: by the daemon, or, with a star, as a conclusion. */
function show(events: readonly ContainerEvent[]): string[] {
  return events.map(({ action, synthetic, exitCode }) =>
    [`${action}${synthetic ? "*" : ""}`, ...(exitCode === undefined ? [] : [exitCode])].join(" "),
  );
}

function after(heard: readonly DaemonEvent[]): Tracker {
  const tracker = new Tracker();
  for (const event of heard) tracker.heard(event);
  return tracker;
}

const running = [created, updated(), started(7)];

describe("what the daemon says", () => {
  test.each<[string, DaemonEvent[], string[]]>([
    ["a whole life", [...running, exited(7), deleted], ["create", "start", "die 5", "destroy"]],
    [
      "an exit that is told by the exit and by the removal",
      [...running, exited(7), exited(7), deleted],
      ["create", "start", "die 5", "destroy"],
    ],
    [
      "an exit that comes after its container is gone",
      [...running, deleted, exited(7)],
      ["create", "start", "die* unknown", "destroy"],
    ],
    [
      "two lives, and a late word of the first",
      [...running, exited(7), started(8), exited(7), started(7)],
      ["create", "start", "die 5", "start"],
    ],
    ["a start that was missed", [created, updated(), exited(7)], ["create", "start*", "die 5"]],
    ["a container of somebody else", [created, started(7), exited(7), deleted], []],
    ["a record that is only written to", [updated(), started(7)], []],
    [
      "another name, and another revision",
      [created, updated(), updated("shop", 2), updated("shop", 3), updated("shop", 3)],
      ["create", "rename", "update"],
    ],
    ["a task that was never started", [created, updated(), neverRan], ["create"]],
  ])("%s", (_, heard, told) => {
    const tracker = new Tracker();
    expect(show(heard.flatMap((event) => tracker.heard(event)))).toEqual(told);
  });
});

describe("what was found after an interruption", () => {
  const ended = { phase: "ended", exit: { exitCode: 9, exitedAt: at(20) } } as const;
  test.each<[string, DaemonEvent[], Found[], DaemonEvent[], string[]]>([
    ["nothing new", running, [found({ phase: "running", pid: 7 })], [], []],
    ["an exit", running, [found({ ...ended, pid: 7 })], [], ["die* 9"]],
    ["an exit whose life nobody wrote down", running, [found(ended)], [], ["die* 9"]],
    ["another life", running, [found({ phase: "running", pid: 8 })], [], ["die* unknown", "start*"]],
    ["another life, over too", running, [found({ ...ended, pid: 8 })], [], ["die* unknown", "start*", "die* 9"]],
    ["it is gone", running, [], [], ["die* unknown", "destroy*"]],
    ["it is paused", running, [found({ phase: "paused", pid: 7 })], [], ["pause*"]],
    ["a new one", [], [found({ phase: "running", pid: 7 })], [], ["create*", "start*"]],
    ["a new one that ran", [], [found({ ...ended, pid: 7 })], [], ["create*", "start*", "die* 9"]],
    ["one that is being made", [], [found({}, false)], [updated()], []],
    [
      "a kill for want of memory",
      running,
      [found({ ...ended, pid: 7, exit: { ...ended.exit, oomKilled: true } })],
      [],
      ["oom*", "die* 9"],
    ],
    ["an exit that is said and found", running, [found({ ...ended, pid: 7 })], [exited(7)], ["die 5"]],
    [
      "a list that is older than what was said",
      running,
      [found({ phase: "running", pid: 7 })],
      [exited(7), started(8)],
      ["die 5", "start"],
    ],
    [
      "a list from before it was deleted",
      running,
      [found({ phase: "running", pid: 7 })],
      [exited(7), deleted],
      ["die 5", "destroy"],
    ],
    ["a list from before it was made", [], [], running, ["create", "start"]],
    ["a shim that does not answer", running, [found({})], [], []],
  ])("%s", (_, before, containers, meanwhile, told) => {
    const tracker = after(before);
    expect(show(tracker.resumed(beginning(containers, meanwhile), NOW))).toEqual(told);
    // Found once more, it is nothing new.
    if (meanwhile.length === 0) {
      expect(show(tracker.resumed(beginning(containers, meanwhile), NOW))).toEqual([]);
    }
  });
});

describe("what is kept of a container that is gone", () => {
  const { finding } = found({ phase: "ended", pid: 7, exit: { exitCode: 9, exitedAt: at(20) } });
  const removal: Removal = { id, created: at(1), removed: at(30), finding };
  const neverStarted: Removal = { ...removal, finding: found({ phase: "created", startedAt: undefined }).finding };
  test.each<[string, DaemonEvent[], Found[], DaemonEvent[], Removal, string[]]>([
    ["is the whole of it, when it came and went", [], [], [], removal, ["create*", "start*", "die* 9", "destroy*"]],
    ["is that it never ran", [], [], [], neverStarted, ["create*", "destroy*"]],
    ["is how it ended", running, [], [], removal, ["die* 9", "destroy*"]],
    ["is nothing new after it was told", [...running, exited(7), deleted], [], [], removal, []],
    ["adds to what was said while it went", running, [], [deleted], removal, ["die* unknown", "destroy"]],
    [
      "makes up for what was said to nobody",
      [],
      [],
      [exited(7), deleted],
      removal,
      ["create*", "start*", "die* 9", "destroy*"],
    ],
    [
      "does not count where its removal has failed",
      running,
      [found({ ...finding, phase: "ended" })],
      [],
      removal,
      ["die* 9"],
    ],
    ["is nothing new where all of it was said", [], [], [...running, exited(7)], removal, ["create", "start", "die 5"]],
  ])("%s", (_, before, containers, meanwhile, removed, told) => {
    const tracker = after(before);
    expect(show(tracker.resumed(beginning(containers, meanwhile, [removed]), NOW))).toEqual(told);
    expect(
      show(tracker.resumed(beginning(containers, [], [removed]), NOW)).filter((line) => line !== "destroy*"),
    ).toEqual([]);
  });

  test("has the times of what it tells", () => {
    const told = new Tracker().resumed(beginning([], [], [removal]), NOW);
    expect(told.map(({ time }) => time)).toEqual([at(1), at(3), at(20), at(30)]);
  });
});
