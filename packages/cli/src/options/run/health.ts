import { type HealthCheck, invalid } from "@voiyd/runtime-api";
import { parseDuration } from "../duration.js";
import { parseInteger } from "../number.js";
import type { RequestDraft } from "./request-draft.js";
import { type RunFlag, type RunFlags, single, toggle } from "./run-flag.js";

/** How it is found out whether the container is well. */
export const HEALTH_FLAGS: RunFlags = {
  "health-cmd": single({ value: "COMMAND", help: "a line for /bin/sh that says whether it is well" }, (draft, text) => {
    if (text !== "") check(draft, { test: ["CMD-SHELL", text] });
  }),
  "health-interval": duration("from one probe to the next; default 30s", (draft, intervalMs) => {
    check(draft, { intervalMs });
  }),
  "health-timeout": duration("how long a probe may take; default 30s", (draft, timeoutMs) => {
    check(draft, { timeoutMs });
  }),
  "health-retries": single({ value: "NUMBER", help: "failures in a row that count; default 3" }, (draft, text) => {
    const retries = parseInteger("--health-retries", text);
    if (retries !== 0) check(draft, { retries });
  }),
  "health-start-period": duration("how long after the start failures do not count", (draft, startPeriodMs) => {
    check(draft, { startPeriodMs });
  }),
  "health-start-interval": duration("from one probe to the next until then; default 5s", (draft, startIntervalMs) => {
    check(draft, { startIntervalMs });
  }),
  "health-restart": toggle({ help: "restart the container when it becomes unhealthy" }, (draft) => {
    check(draft, { restart: true });
  }),
  "no-healthcheck": toggle({ help: "no check, though the image has one" }, (draft) => {
    const { test } = draft.config.healthCheck ?? {};
    if (draft.config.healthCheck !== undefined) {
      throw invalid(
        "--no-healthcheck",
        test === undefined ? "--health-*" : "--health-cmd",
        "given without --health options",
      );
    }
    check(draft, { test: ["NONE"] });
  }),
};

function check(draft: RequestDraft, part: HealthCheck): void {
  draft.config.healthCheck = { ...draft.config.healthCheck, ...part };
}

/** Docker takes 0 for "the default". */
function duration(help: string, apply: (draft: RequestDraft, ms: number) => void): RunFlag {
  return single({ value: "DURATION", help }, (draft, text) => {
    const ms = parseDuration("--health-*", text);
    if (ms !== 0) apply(draft, ms);
  });
}
