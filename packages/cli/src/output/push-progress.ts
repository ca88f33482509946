import type { PushProgress } from "@voiyd/runtime-api";
import type { Output } from "../process/surroundings.js";
import { humanBytes } from "./bytes.js";
import { escapeText } from "./escape.js";

export interface PushView {
  readonly report: (progress: PushProgress) => void;
  finish(): Promise<void>;
}

const WORDS = { existed: "already there", mounted: "mounted", uploaded: "pushed" } as const;

/** A line for each blob when it is there, and on a terminal one at the end that says how much is on its way. */
export function createPushView(output: Output): PushView {
  let last: Promise<void> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  const sending = new Map<string, number>();
  const write = (text: string): void => {
    last = last
      .then(() => (failure === undefined ? output.write(text) : undefined))
      .catch((error: unknown) => {
        failure ??= { error };
      });
  };
  const clear = output.isTTY ? "\r\u001b[K" : "";
  let shown = -1;
  return {
    report({ phase, kind, subject, current = 0, outcome }) {
      if (phase === "uploading") {
        sending.set(subject, current);
        const bytes = [...sending.values()].reduce((sum, part) => sum + part, 0);
        if (!output.isTTY || bytes - shown < 1_000_000) return;
        shown = bytes;
        write(`${clear}sending ${humanBytes(bytes)}`);
      } else if (kind !== "image") {
        const name = escapeText(subject.slice(subject.indexOf(":") + 1, subject.indexOf(":") + 13));
        write(`${clear}${name}: ${outcome === undefined ? "pushed" : WORDS[outcome]}\n`);
      }
    },
    async finish() {
      await last;
      if (failure !== undefined) throw failure.error;
    },
  };
}
