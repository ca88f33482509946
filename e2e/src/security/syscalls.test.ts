import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { runToEnd } from "./probe.js";
import { LAST_CALL, LEFT_OUT, oneCallProbe, syscallProbe } from "./syscall-probe.js";

const EPERM = -1;
const ENOSYS = -38;
const SIGSYS = 31;
/** The last call that libseccomp 2.5 knows: of those after it runc says that there are none, whatever the profile says. */
const LAST_KNOWN = 450;
const FIXTURES = join(import.meta.dirname, "fixtures");

/** What Docker's profile lets through and this runtime refuses, with the reason; every other row is the same. */
const STRICTER: Readonly<Record<string, string>> = {
  epoll_ctl_old: "no kernel has it",
  epoll_wait_old: "no kernel has it",
  io_uring_enter: "a second way into the kernel that no filter sees; later Dockers refuse it too",
  io_uring_register: "as above",
  io_uring_setup: "as above",
  socket: "a family that does not exist: only those that do are let through",
};
/** What Docker 20.10 refuses and this runtime lets through. */
const LOOSER: Readonly<Record<string, string>> = {
  cachestat: "younger than that Docker; counts pages of a file that is open already",
  fchmodat2: "younger than that Docker; chmod with flags, which C libraries use",
  futex_requeue: "younger than that Docker; futex in three calls",
  futex_wait: "younger than that Docker; futex in three calls",
  futex_wake: "younger than that Docker; futex in three calls",
  map_shadow_stack: "younger than that Docker; a protection of the program's own",
  name_to_handle_at: "gives a handle that nobody can open without CAP_DAC_READ_SEARCH; later Dockers let it through",
  pkey_alloc: "keys for one's own memory; later Dockers let it through",
  pkey_free: "keys for one's own memory; later Dockers let it through",
  pkey_mprotect: "keys for one's own memory; later Dockers let it through",
};

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

/**
 * Docker's own profile for a container of its defaults, as it was recorded. What the kernel makes of it depends on the
 * profile, the capabilities and the kernel alone, so that no Docker is needed to see what a container of Docker's gets here.
 */
async function dockerProfile(): Promise<string> {
  const specs: unknown = JSON.parse(await readFixture("docker-specs.json"));
  const profiles: unknown = JSON.parse(await readFixture("docker-seccomp.json"));
  const profile = at(profiles, String(at(specs, "specs", "nothing", "linux", "seccomp")));
  if (typeof profile !== "object") throw new Error("the recording of Docker's profile is another file");
  return JSON.stringify(profile);
}

/** A member of members, of the recordings. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce(
    (found, key) => (typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined),
    value,
  );
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
    });

    test("by default: each number's result is that of Docker's profile on this kernel, or a refusal with a reason", async (stage) => {
      const ours = await results(stage, { noNewPrivileges: false });
      const dockers = await results(stage, { noNewPrivileges: false, seccomp: { profile: await dockerProfile() } });
      expect(dockers.size).toBe(LAST_CALL + 1 - LEFT_OUT.size);
      const known = await names();
      const table = [...dockers].map(([number, theirs]) => ({
        name: known.get(number) ?? String(number),
        number,
        theirs,
        own: ours.get(number),
      }));
      // A refusal is a refusal, with either number.
      const different = table.filter(
        ({ number, theirs, own }) =>
          theirs !== own &&
          !(VARYING.has(number) && !isRefusal(theirs) && !isRefusal(own)) &&
          !(isRefusal(theirs) && isRefusal(own)),
      );
      const unexplained = different.filter(
        ({ name, theirs, own }) => !(isRefusal(own) && name in STRICTER) && !(isRefusal(theirs) && name in LOOSER),
      );
      expect(unexplained).toEqual([]);
    });

    test("by default: 32-bit calls are let through, and those of x32 end who makes them", async (stage) => {
      const { runtime } = stage.main;
      const codeOf = async (table: "x86-64" | "x86" | "x32", config: Partial<ContainerConfig>): Promise<unknown> => {
        const program = join(stage.directory, `call-${table}`);
        await writeFile(program, oneCallProbe(table));
        await chmod(program, 0o755);
        const mounts = [{ type: "bind", source: program, destination: "/call", readOnly: true }] as const;
        const meta = { name: `call-${table}` };
        await runtime.run({
          meta,
          config: { image: stage.busybox, entrypoint: ["/call"], network: "none", mounts, ...config },
        });
        const { exitCode } = await runtime.wait(meta.name);
        await runtime.delete(meta.name);
        return exitCode;
      };
      for (const table of ["x86-64", "x86"] as const) expect(await codeOf(table, {})).toBe(7);
      expect(await codeOf("x32", {})).toBe(128 + SIGSYS);
      // The program itself is right: whether the kernel has such calls or not, it goes on behind it.
      expect(await codeOf("x32", { seccomp: "unconfined" })).toBe(7);
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

/**
 * Their results are times, ids and addresses; and of `kill` (62), whether there is anybody else yet whom an impossible
 * signal could go to: the shell starts what reads the results at the same time.
 */
const VARYING: ReadonlySet<number> = new Set([12, 39, 62, 96, 110, 112, 186, 201, 218, 309]);

function isRefusal(result: number | undefined): boolean {
  return result === EPERM || result === ENOSYS;
}
