import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@jest/globals";
import type { ContainerExit } from "@voiyd/runtime-api";
import { Victim } from "../faults/victim.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { type ExitCase, exitCases, mistake, requestFor, type Situation } from "./exit-cases.js";

/** The long form is `VOIYD_EXITS=200`. */
const CASES = Number(process.env["VOIYD_EXITS"] ?? 40);
/** How many containers there are at the same time. */
const AT_ONCE = 40;

await describeOnHost("exits", (test) => {
  test(
    `of ${String(CASES)} containers, by code, by signal, for want of memory: all told as they were, whoever was away`,
    async (stage) => {
      const began = performance.now();
      const cases = exitCases(CASES);
      const wrong: string[] = [];
      let unknown = 0;
      for (let at = 0; at < CASES; at += AT_ONCE) {
        const round = await Round.begin(stage, cases.slice(at, at + AT_ONCE));
        const how = (at / AT_ONCE) % 2 === 0 ? "kill" : "terminate";
        await round.play(how);
        const found = await round.mistakes();
        wrong.push(...found.wrong);
        unknown += found.unknown;
        await round.end();
      }
      const seconds = (performance.now() - began) / 1000;
      process.stderr.write(
        `exits: ${String(CASES)} cases, ${String(wrong.length)} wrong, ${String(unknown)} unknown, in ${seconds.toFixed(0)} s\n`,
      );
      expect(wrong).toEqual([]);
    },
    { timeoutMs: 120_000 + CASES * 3_000 },
  );
});

/** So many containers that end, each in its situation. */
class Round {
  readonly #stage: Stage;
  readonly #cases: readonly ExitCase[];
  readonly #folder: string;
  readonly #victim: Victim;
  readonly #pids = new Map<string, number>();
  /** When the containers of a situation have ended, at the earliest and at the latest. */
  readonly #moments = new Map<Situation, readonly [number, number]>();
  #waits: readonly (readonly [ExitCase, Promise<ContainerExit>])[] = [];

  private constructor(stage: Stage, cases: readonly ExitCase[], folder: string, victim: Victim) {
    this.#stage = stage;
    this.#cases = cases;
    this.#folder = folder;
    this.#victim = victim;
  }

  /** Starts them: those of whom a process has to die in another process, which is killed when they run. */
  static async begin(stage: Stage, cases: readonly ExitCase[]): Promise<Round> {
    await mkdir(join(stage.directory, "words"), { recursive: true });
    const folder = await mkdtemp(join(stage.directory, "words/"));
    const request = (one: ExitCase): ReturnType<typeof requestFor> => requestFor(one, stage.busybox, folder);
    const { runtime } = stage.main;
    const ours = cases.filter(({ situation }) => situation === "here" || situation === "no-daemon");
    const others = cases.filter((one) => !ours.includes(one));
    const victim = new Victim(stage.host, "run", ...others.map(request));
    await Promise.all(ours.map((one) => runtime.run(request(one))));
    await victim.saw("done");
    await victim.kill();
    const round = new Round(stage, cases, folder, victim);
    for (const { name } of cases) {
      const { status } = await runtime.get(name);
      if (status.pid === undefined) throw new Error(`${name} does not run: ${JSON.stringify(status)}`);
      round.#pids.set(name, status.pid);
    }
    // Every second one is waited for; of the others somebody asks afterwards.
    const waited = ours.filter((_, index) => index % 2 === 0);
    round.#waits = waited.map((one) => [one, runtime.wait(one.name)]);
    return round;
  }

  async play(how: "kill" | "terminate"): Promise<void> {
    const { host } = this.#stage;
    await this.#say("here", "no-process");
    await host.stop(how);
    await this.#say("no-daemon", "neither");
    await host.start();
    await this.#say("restarted");
  }

  /** Asks everybody who can be asked: who has waited, who looks, and a process that has never heard of them. */
  async mistakes(): Promise<{ readonly wrong: readonly string[]; readonly unknown: number }> {
    const { runtime } = this.#stage.main;
    await using fresh = this.#stage.open({ recoverOnOpen: false });
    const wrong: string[] = [];
    let unknown = 0;
    const check = (one: ExitCase, who: string, told: Partial<ContainerExit>): void => {
      const found = mistake(one, told, this.#moments.get(one.situation) ?? [0, 0]);
      if (found !== undefined) wrong.push(`${one.name} (${one.situation}: ${one.end}), told by ${who}: ${found}`);
    };
    for (const [one, exit] of this.#waits) check(one, "a wait before the end", await exit);
    for (const one of this.#cases) {
      const { status } = await fresh.runtime.get(one.name);
      check(one, "get", status);
      if (status.exitCode === undefined) unknown += 1;
    }
    for (const { meta, status } of await fresh.runtime.list()) {
      const one = this.#cases.find(({ name }) => name === meta.name);
      if (one !== undefined) check(one, "list", status);
    }
    for (const one of this.#cases) {
      check(one, "a wait after the end", await fresh.runtime.wait(one.name));
      // What was told once is kept.
      check(one, "get after that", (await runtime.get(one.name)).status);
    }
    return { wrong, unknown };
  }

  async end(): Promise<void> {
    await this.#victim.kill();
    await Promise.all(this.#cases.map(({ name }) => this.#stage.main.runtime.delete(name)));
    await rm(this.#folder, { recursive: true });
  }

  /** Gives the word, and waits until the kernel knows none of them any more. */
  async #say(...situations: readonly Situation[]): Promise<void> {
    const before = Date.now();
    for (const situation of situations) await writeFile(join(this.#folder, situation), "");
    const ending = this.#cases.filter(({ situation }) => situations.includes(situation));
    while (ending.some(({ name }) => existsSync(`/proc/${String(this.#pids.get(name))}`))) await sleep(50);
    const after = Date.now();
    for (const situation of situations) this.#moments.set(situation, [before, after]);
  }
}
