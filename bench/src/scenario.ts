import type { Stage } from "./stage/stage.js";

export type Unit = "µs" | "ms" | "MB";

/** One question about speed, and who is asked it. */
export interface Scenario {
  /** What it is called on the command line and in the JSON. */
  readonly name: string;
  /** What is measured, for a person. */
  readonly title: string;
  readonly unit: Unit;
  /** How often everyone is asked, in turn. */
  readonly rounds: number;
  /**
   * Turns of everyone before the first that counts. Default 1: it finds cold code and cold caches on every side. None where
   * one turn does so much that it would change nothing; more for what a process does as long as it lives, which is
   * compiled well after some turns only.
   */
  readonly warmUp?: number;
  /** After each turn, in milliseconds; default 100. */
  readonly restMs?: number;
  readonly targets: readonly Target[];
  /** Sets up what is measured; nothing of it is timed. */
  open(stage: Stage, scale: Scale): Promise<Contest>;
}

/** What ought to be true of our figure; told in the table, never judged. */
export interface Target {
  /** The name of a contender; absent where our figure alone counts. */
  readonly against?: string;
  /** Our figure divided by theirs, or where `difference` is set, ours less theirs; our figure where there are none. */
  readonly atMost: number;
  readonly difference?: boolean;
}

/** A scenario that is ready to be measured. */
export interface Contest {
  /** Ours first. */
  readonly contenders: readonly Contender[];
  /** Peers that would take part, were they here. */
  readonly missing: readonly MissingPeer[];
  close(): Promise<void>;
}

export type Role = "ours" | "peer" | "floor";

export interface Contender {
  readonly name: string;
  readonly role: Role;
  /** Does it once, and resolves with the figure in the scenario's unit; preparations and cleaning up are not in it. */
  sample(): Promise<number>;
}

export interface MissingPeer {
  readonly name: string;
  readonly why: string;
}

/** How much of it is to be done: all of it, or just enough to see that it works. */
export interface Scale {
  readonly smoke: boolean;
  pick(full: number, smoke: number): number;
}
