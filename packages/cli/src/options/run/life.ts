import { parseDuration } from "../duration.js";
import { parseLabels } from "../label.js";
import { parseKeyValues } from "../key-value.js";
import { meaningfulLines } from "../lines.js";
import { readOptionFile } from "../option-file.js";
import { parseRestartPolicy } from "../restart-policy.js";
import { list, type RunFlags, single, toggle } from "./run-flag.js";

/** The container's name, labels, beginning and end. */
export const LIFE_FLAGS: RunFlags = {
  name: { kind: "value", value: "NAME", help: "the container's name; chosen when absent" },
  detach: { kind: "flag", short: "d", help: "print the container's id and leave it running" },
  rm: { kind: "flag", help: "remove the container when it has ended" },
  pull: { kind: "value", value: "WHEN", help: "missing (default), always or never" },
  platform: single({ value: "PLATFORM", help: "the image for this platform, as linux/arm64" }, (draft, text) => {
    // Docker takes the system alone for any of its platforms.
    if (text !== "" && text !== "linux") draft.config.platform = text;
  }),
  quiet: { kind: "flag", short: "q", help: "do not show how a pull goes on" },
  cidfile: { kind: "value", value: "FILE", help: "write the container's id to a file that does not exist yet" },
  pidfile: { kind: "value", value: "FILE", help: "write the process id to a file that does not exist yet" },
  "label-file": list({ value: "FILE", help: "set the labels of a file" }, async (draft, paths, sources) => {
    for (const path of paths) {
      const lines = meaningfulLines(await readOptionFile("--label-file", path, sources));
      draft.label(
        parseLabels(
          lines.map(({ line }) => line),
          "--label-file",
        ),
      );
    }
  }),
  label: list({ short: "l", value: "KEY[=VALUE]", help: "set a label" }, (draft, texts) => {
    draft.label(parseLabels(texts));
  }),
  annotation: list({ value: "KEY=VALUE", help: "for what runs the container, and tools around it" }, (draft, texts) => {
    draft.config.annotations = parseKeyValues("--annotation", texts);
  }),
  "stop-signal": single({ value: "SIGNAL", help: "what asks the container to end" }, (draft, text) => {
    draft.config.stopSignal = text;
  }),
  "stop-timeout": single(
    { value: "SECONDS", help: "how long stop waits before it kills; -1: for ever" },
    (draft, text) => {
      draft.config.stopTimeoutMs = parseDuration("--stop-timeout", text);
    },
  ),
  restart: single(
    { value: "POLICY", help: "no (default), on-failure[:COUNT], always or unless-stopped" },
    (draft, text) => {
      draft.config.restartPolicy = parseRestartPolicy(text);
    },
  ),
  init: toggle({ help: "a small first process that passes signals on and buries orphans" }, (draft) => {
    draft.config.init = true;
  }),
  runtime: single({ value: "NAME", help: "what runs it: runc, crun, runsc, kata, or a shim's name" }, (draft, text) => {
    if (text !== "") draft.config.runtime = text;
  }),
};
