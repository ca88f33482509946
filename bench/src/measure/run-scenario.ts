import type { Contender, MissingPeer, Role, Scale, Scenario, Unit } from "../scenario.js";
import type { Stage } from "../stage/stage.js";
import { settle } from "./settle.js";
import { pairedDifference, pairedRatio, summarize, type Summary } from "./statistics.js";
import { turned } from "./turned.js";

/** What came of a scenario. This is what the JSON holds and the charts are drawn from. */
export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  /** When, as `2026-01-31`. */
  readonly date: string;
  readonly unit: Unit;
  readonly rounds: number;
  readonly contenders: readonly ContenderResult[];
  readonly targets: readonly TargetResult[];
  readonly missing: readonly MissingPeer[];
}

export interface ContenderResult extends Summary {
  readonly name: string;
  readonly role: Role;
  /** Our figure divided by this one, round by round; absent for ours. */
  readonly ratio?: Summary;
  readonly figures: readonly number[];
}

export interface TargetResult {
  readonly against?: string;
  readonly atMost: number;
  readonly difference: boolean;
  /** Undefined where the peer did not take part. */
  readonly measured?: number;
}

/** Lets everyone take a turn in every round: nobody is always first, or behind the same one. */
export async function runScenario(scenario: Scenario, stage: Stage, scale: Scale): Promise<ScenarioResult> {
  const contest = await scenario.open(stage, scale);
  try {
    const rounds = scale.pick(scenario.rounds, 1);
    const figures = new Map<string, number[]>(contest.contenders.map(({ name }) => [name, []]));
    const { warmUp = 1, restMs = 100 } = scenario;
    const rest = async (): Promise<void> => (scale.smoke ? undefined : settle(stage, restMs));
    for (let turn = 0; turn < scale.pick(warmUp, 0); turn++) {
      for (const contender of contest.contenders) {
        await contender.sample();
        await rest();
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const contender of turned(contest.contenders, round)) {
        figures.get(contender.name)?.push(await contender.sample());
        await rest();
      }
    }
    return result(scenario, rounds, contest.contenders, figures, contest.missing);
  } finally {
    await contest.close();
  }
}

function result(
  scenario: Scenario,
  rounds: number,
  contenders: readonly Contender[],
  figures: ReadonlyMap<string, readonly number[]>,
  missing: readonly MissingPeer[],
): ScenarioResult {
  const { name, title, unit } = scenario;
  const ours = figures.get(contenders[0]?.name ?? "") ?? [];
  return {
    name,
    title,
    date: new Date().toISOString().slice(0, 10),
    unit,
    rounds,
    contenders: contenders.map((contender, index) => {
      const own = figures.get(contender.name) ?? [];
      const ratio = index === 0 ? {} : { ratio: pairedRatio(ours, own) };
      return { name: contender.name, role: contender.role, ...summarize(own), ...ratio, figures: own };
    }),
    targets: scenario.targets.map(({ against, atMost, difference = false }) => {
      if (against === undefined) return { atMost, difference, measured: summarize(ours).median };
      const theirs = figures.get(against);
      const compare = difference ? pairedDifference : pairedRatio;
      return {
        against,
        atMost,
        difference,
        ...(theirs === undefined ? {} : { measured: compare(ours, theirs).median }),
      };
    }),
    missing,
  };
}
