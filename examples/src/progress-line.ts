import type { WriteStream } from "node:tty";
import type { PullProgress } from "@voiyd/runtime-api";

/** Shows a pull as one line that is written over; on what is no terminal, a line for each layer that is done. */
export function progressLine(output: Pick<WriteStream, "write" | "isTTY">): (progress: PullProgress) => void {
  const bytes = new Map<string, { readonly current: number; readonly total: number }>();
  return ({ phase, kind, subject, current, total }) => {
    if (kind === "image") return;
    const known = bytes.get(subject);
    bytes.set(subject, {
      current: current ?? (phase === "done" ? (total ?? 0) : (known?.current ?? 0)),
      total: total ?? known?.total ?? 0,
    });
    if (!output.isTTY) {
      if (phase === "done") output.write(`    ${kind} ${subject.slice(0, 19)} is here\n`);
      return;
    }
    const sum = (key: "current" | "total"): string =>
      (Array.from(bytes.values(), (item) => item[key]).reduce((a, b) => a + b, 0) / 1e6).toFixed(1);
    output.write(`\r\u001b[2K    ${sum("current")} of ${sum("total")} MB, ${phase}\r`);
  };
}
