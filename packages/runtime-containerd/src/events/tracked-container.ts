import type { ContainerAction, ContainerEvent, ContainerExit, ID, Labels } from "@voiyd/runtime-api";
import type { DaemonEvent } from "./daemon-event.js";
import type { Life } from "./life.js";

export interface Identity {
  readonly name: string;
  readonly image: string;
  readonly labels: Labels;
  readonly revision: number;
}

/** What was found when the container was looked at. */
export interface Finding extends Identity {
  readonly phase: "created" | "running" | "paused" | "ended";
  readonly pid: number | undefined;
  readonly startedAt: Date | undefined;
  readonly exit: ContainerExit | undefined;
}

type Details = Partial<Pick<ContainerEvent, "exitCode" | "pid" | "execId" | "oldName" | "synthetic">>;

/** How many earlier lives a late event may belong to. */
const REMEMBERED_LIVES = 16;

/**
 * What a consumer has been told of one container. Every piece of news, heard or found, is turned into the events that
 * lead from there to it: none for what was told already, synthetic ones for steps that were missed.
 */
export class TrackedContainer {
  readonly id: ID;
  #identity: Identity;
  #life: Life | undefined;
  readonly #earlier: number[] = [];

  constructor(id: ID, identity: Identity) {
    this.id = id;
    this.#identity = identity;
  }

  event(action: ContainerAction, time: Date, { synthetic = false, ...details }: Details = {}): ContainerEvent {
    const { name, image, labels } = this.#identity;
    return { action, time, id: this.id, name, image, labels, synthetic, ...details };
  }

  identified(identity: Identity, time: Date, synthetic: boolean): ContainerEvent[] {
    const before = this.#identity;
    if (identity.revision < before.revision) return [];
    this.#identity = identity;
    if (identity.name !== before.name) return [this.event("rename", time, { synthetic, oldName: before.name })];
    return identity.revision > before.revision ? [this.event("update", time, { synthetic })] : [];
  }

  heard(event: DaemonEvent): ContainerEvent[] {
    const { time } = event;
    switch (event.kind) {
      case "started":
        return this.#isOld(event.pid) ? [] : this.#started(event.pid, time, false);
      case "exited":
        return this.#exited(event.pid, event.exit, time);
      case "paused":
        return this.#held("paused", time, false);
      case "resumed":
        return this.#held("running", time, false);
      case "oom":
        return this.#oom(time, false);
      case "exec-added":
        return [this.event("exec_create", time, { execId: event.execId })];
      case "exec-started":
        return [this.event("exec_start", time, { execId: event.execId, pid: event.pid })];
      case "exec-exited":
        return [this.event("exec_die", time, { execId: event.execId, exitCode: event.exit.exitCode })];
      default:
        return [];
    }
  }

  /** `now` is the time of what has none on record. */
  found(finding: Finding, now: Date): ContainerEvent[] {
    const events = this.identified(finding, now, true);
    const { phase, pid, startedAt } = finding;
    if (phase === "created") return events;
    if (phase === "ended") return [...events, ...this.#foundEnded(finding, now)];
    if (pid === undefined || this.#isOld(pid) || (this.#life?.pid === pid && this.#life.phase === "ended"))
      return events;
    if (this.#life?.pid !== pid) events.push(...this.#started(pid, startedAt ?? now, true));
    return [...events, ...this.#held(phase, now, true)];
  }

  /** `event` tells when; without one it was found out now. */
  destroyed(time: Date, synthetic: boolean): ContainerEvent[] {
    return [...this.#endedUnheard(time), this.event("destroy", time, { synthetic })];
  }

  #isOld(pid: number): boolean {
    return this.#earlier.includes(pid);
  }

  #started(pid: number | undefined, time: Date, synthetic: boolean): ContainerEvent[] {
    if (this.#life !== undefined && this.#life.pid === pid) return [];
    const ended = this.#endedUnheard(time);
    this.#begin({ pid, phase: "running", oom: false });
    return [...ended, this.event("start", time, { synthetic, ...(pid === undefined ? {} : { pid }) })];
  }

  #begin(life: Life): void {
    const { pid } = this.#life ?? {};
    if (pid !== undefined) this.#earlier.push(pid);
    if (this.#earlier.length > REMEMBERED_LIVES) this.#earlier.shift();
    this.#life = life;
  }

  /** A life that must have ended, and of whose end nothing is known. */
  #endedUnheard(time: Date): ContainerEvent[] {
    if (this.#life === undefined || this.#life.phase === "ended") return [];
    this.#life = { ...this.#life, phase: "ended" };
    return [this.event("die", time, { synthetic: true, exitCode: "unknown" })];
  }

  #exited(pid: number, exit: ContainerExit, time: Date): ContainerEvent[] {
    // A task that was never started has an exit without a time.
    if (exit.exitedAt === undefined || this.#isOld(pid)) return [];
    const started = this.#started(pid, time, true);
    return [...started, ...this.#ended(exit, time, false)];
  }

  #ended(exit: ContainerExit, time: Date, synthetic: boolean): ContainerEvent[] {
    if (this.#life === undefined || this.#life.phase === "ended") return [];
    const oom = exit.oomKilled === true ? this.#oom(time, true) : [];
    this.#life = { ...this.#life, phase: "ended" };
    return [...oom, this.event("die", time, { synthetic, exitCode: exit.exitCode })];
  }

  #foundEnded(finding: Finding, now: Date): ContainerEvent[] {
    const { pid, startedAt, exit = { exitCode: "unknown" } } = finding;
    const time = exit.exitedAt ?? now;
    if (pid !== undefined && this.#isOld(pid)) return [];
    const isKnown = this.#life !== undefined && (pid === undefined || this.#life.pid === pid);
    if (isKnown) return this.#ended(exit, time, true);
    const started = this.#started(pid, startedAt ?? time, true);
    return [...started, ...this.#ended(exit, time, true)];
  }

  #held(phase: "running" | "paused", time: Date, synthetic: boolean): ContainerEvent[] {
    const life = this.#life;
    if (life === undefined || life.phase === "ended" || (synthetic && life.phase === phase)) return [];
    const missed = life.phase === phase ? (phase === "running" ? "pause" : "unpause") : undefined;
    this.#life = { ...life, phase };
    return [
      ...(missed === undefined ? [] : [this.event(missed, time, { synthetic: true })]),
      this.event(phase === "paused" ? "pause" : "unpause", time, { synthetic }),
    ];
  }

  #oom(time: Date, synthetic: boolean): ContainerEvent[] {
    if (this.#life === undefined || (this.#life.oom && synthetic)) return [];
    this.#life = { ...this.#life, oom: true };
    return [this.event("oom", time, { synthetic })];
  }
}
