import type { TargetResult } from "../measure/run-scenario.js";
import type { Unit } from "../scenario.js";
import { figureText, ratioText } from "./number-text.js";

export function isMissed({ measured, atMost }: TargetResult): boolean {
  return measured !== undefined && measured > atMost;
}

/** A target and what came of it, as one line. */
export function targetText(target: TargetResult, unit: Unit): string {
  const { against, difference } = target;
  const text = (value: number): string => {
    if (against === undefined) return figureText(value, unit);
    return difference ? `${figureText(value, unit)} more` : ratioText(value);
  };
  const than = against === undefined ? "" : difference ? ` than ${against}` : ` ${against}`;
  const wanted = `at most ${text(target.atMost)}${than}`;
  if (target.measured === undefined) return `${wanted}: not measured`;
  return `${wanted}: ${text(target.measured)}, ${isMissed(target) ? "MISSED" : "reached"}`;
}
