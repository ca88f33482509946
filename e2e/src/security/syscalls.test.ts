import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { runToEnd } from "./probe.js";
import { LAST_CALL, LEFT_OUT, syscallProbe } from "./syscall-probe.js";

const EPERM = -1;
const ENOSYS = -38;
/** The last call that libseccomp 2.5 knows: of those after it runc says that there are none, whatever the profile says. */
const LAST_KNOWN = 450;
const FIXTURES = join(import.meta.dirname, "fixtures");

/**
 * What Docker 20.10 lets through and this runtime refuses, or the other way round, with the reason; nothing else may
 * differ. Docker's table is that of the recorded profile for its default capabilities.
 */
const STRICTER: Readonly<Record<string, string>> = {
  epoll_ctl_old: "no kernel has it",
  epoll_wait_old: "no kernel has it",
  io_uring_enter: "a second way into the kernel that no filter sees; later Dockers refuse it too",
  io_uring_register: "as above",
  io_uring_setup: "as above",
  personality: "Docker too refuses the domain that the probe asks for",
  socket: "a family that does not exist: only those that do are let through",
};
const LOOSER: Readonly<Record<string, string>> = {
  cachestat: "younger than that Docker; counts pages of a file that is open already",
  fchmodat2: "younger than that Docker; chmod with flags, which C libraries use",
  futex_requeue: "younger than that Docker; futex in three calls",
  futex_wait: "younger than that Docker; futex in three calls",
  futex_wake: "younger than that Docker; futex in three calls",
  name_to_handle_at: "gives a handle that nobody can open without CAP_DAC_READ_SEARCH; later Dockers let it through",
  pkey_alloc: "keys for one's own memory; later Dockers let it through",
  pkey_free: "keys for one's own memory; later Dockers let it through",
  pkey_mprotect: "keys for one's own memory; later Dockers let it through",
};

interface DockerRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly unknown[];
}

async function results(stage: Stage, config: Partial<ContainerConfig>): Promise<ReadonlyMap<number, number>> {
  const program = join(stage.directory, "syscalls");
  await writeFile(program, syscallProbe());
  await chmod(program, 0o755);
  const output = await runToEnd(stage, {
    entrypoint: ["sh", "-c", `/syscalls | hexdump -v -e '2/4 "%d " "\\n"'`],
    mounts: [{ type: "bind", source: program, destination: "/syscalls", readOnly: true }],
    ...config,
  });
  return new Map(
    output
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([number = -1, result = 0]) => [number, result] as const),
  );
}

async function names(): Promise<ReadonlyMap<number, string>> {
  const table: unknown = JSON.parse(await readFile(join(FIXTURES, "x86-64-calls.json"), "utf8"));
  if (typeof table !== "object" || table === null) throw new Error("the table of calls is no object");
  return new Map(Object.entries(table).map(([number, name]) => [Number(number), String(name)]));
}

async function dockerAllows(): Promise<(name: string) => boolean> {
  const specs: unknown = JSON.parse(await readFixture("docker-specs.json"));
  const profiles: unknown = JSON.parse(await readFixture("docker-seccomp.json"));
  const rules = at(profiles, String(at(specs, "specs", "nothing", "linux", "seccomp")), "syscalls");
  if (!isRules(rules)) throw new Error("the recording of Docker's profile is another file");
  const allowed = new Set(rules.filter((rule) => rule.action === "SCMP_ACT_ALLOW").flatMap((rule) => rule.names));
  return (name) => allowed.has(name);
}

/** A member of members, of the recordings. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce(
    (found, key) => (typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined),
    value,
  );
}

function isRules(value: unknown): value is DockerRule[] {
  return Array.isArray(value) && value.length > 0 && value.every((rule: unknown) => Array.isArray(at(rule, "names")));
}

function readFixture(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, "../../../packages/runtime-containerd/fixtures/docker", name), "utf8");
}

if (process.arch === "x64") {
  await describeOnHost("system calls inside a container", (test) => {
    test("by default: each number either does what it would do without a filter, or is refused", async (stage) => {
      const free = await results(stage, { seccomp: "unconfined" });
      const filtered = await results(stage, {});
      expect(free.size).toBe(LAST_CALL + 1 - LEFT_OUT.size);
      const isRefused = (number: number): boolean =>
        filtered.get(number) === EPERM || (filtered.get(number) === ENOSYS && number > LAST_KNOWN);
      const strange = [...free].filter(([number, result]) => filtered.get(number) !== result && !isRefused(number));
      expect(strange.filter(([number]) => !VARYING.has(number))).toEqual([]);

      const known = await names();
      const allowed = await dockerAllows();
      const refused = [...filtered.keys()]
        .filter((number) => isRefused(number) && free.get(number) !== EPERM)
        .map((number) => known.get(number) ?? String(number));
      // The probe cannot tell a filter's EPERM from the kernel's, so those that the kernel refuses too are left to the profile's tests.
      const looser = [...free.keys()]
        .map((number) => known.get(number) ?? "")
        .filter(
          (name) =>
            name !== "" && !allowed(name) && !refused.includes(name) && free.get(numberOf(known, name)) !== EPERM,
        );
      expect(looser.filter((name) => !(name in LOOSER)).sort()).toEqual([]);
      expect(refused.filter((name) => allowed(name) && !(name in STRICTER)).sort()).toEqual([]);
    });

    test("with unconfined there is no filter at all", async (stage) => {
      const free = await results(stage, { seccomp: "unconfined" });
      // keyctl with an operation that does not exist: not refused, but not known.
      expect(free.get(250)).toBe(-95);
    });

    test("with a profile of Docker's form, what it says", async (stage) => {
      const profile = JSON.stringify({
        defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["getppid"], action: "SCMP_ACT_ERRNO", errnoRet: 99 }],
      });
      expect((await results(stage, { seccomp: { profile } })).get(110)).toBe(-99);
    });
  });
} else {
  process.stderr.write("skipped: system calls inside a container: the probe is a program for x86-64\n");
}

/** Their results are times, ids and addresses. */
const VARYING: ReadonlySet<number> = new Set([12, 39, 96, 110, 112, 186, 201, 218, 309]);

function numberOf(known: ReadonlyMap<number, string>, name: string): number {
  return [...known].find(([, candidate]) => candidate === name)?.[0] ?? -1;
}
