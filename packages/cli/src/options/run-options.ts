import type { OptionTable } from "../command-line/option-table.js";
import { NETWORK_OPTIONS } from "./network.js";

/** What `voiyd run` takes, spelled as Docker spells it. */
export const RUN_OPTIONS: OptionTable = {
  "cap-add": { kind: "list", value: "NAME", help: "add a capability, or ALL" },
  "cap-drop": { kind: "list", value: "NAME", help: "take a capability away, or ALL" },
  cpus: { kind: "value", value: "NUMBER", help: "at most so many CPUs, as 1.5" },
  detach: { kind: "flag", short: "d", help: "print the container's id and leave it running" },
  entrypoint: { kind: "value", value: "COMMAND", help: "instead of the image's entrypoint" },
  env: { kind: "list", short: "e", value: "NAME[=VALUE]", help: "set a variable, or pass on one of ours" },
  "env-file": { kind: "list", value: "FILE", help: "set the variables of a file" },
  hostname: { kind: "value", short: "h", value: "NAME", help: "the container's host name" },
  label: { kind: "list", short: "l", value: "KEY[=VALUE]", help: "set a label" },
  memory: { kind: "value", short: "m", value: "SIZE", help: "at most so much memory, as 512m" },
  name: { kind: "value", value: "NAME", help: "the container's name; chosen when absent" },
  ...NETWORK_OPTIONS,
  "pids-limit": { kind: "value", value: "NUMBER", help: "at most so many processes; -1 for no limit" },
  privileged: { kind: "flag", help: "all capabilities and devices, nothing masked" },
  publish: {
    kind: "list",
    short: "p",
    value: "[IP:][HOST:]PORT[/PROTO]",
    help: "publish a port or a range on the host",
  },
  pull: { kind: "value", value: "WHEN", help: "missing (default), always or never" },
  quiet: { kind: "flag", short: "q", help: "do not show how a pull goes on" },
  "read-only": { kind: "flag", help: "the image's files cannot be changed" },
  rm: { kind: "flag", help: "remove the container when it has ended" },
  "security-opt": { kind: "list", value: "OPTION", help: "no-new-privileges" },
  "stop-signal": { kind: "value", value: "SIGNAL", help: "what asks the container to end" },
  "stop-timeout": { kind: "value", value: "SECONDS", help: "how long stop waits before it kills" },
  tmpfs: { kind: "list", value: "PATH[:OPTIONS]", help: "a folder in memory; size=, mode=, ro" },
  user: { kind: "value", short: "u", value: "USER[:GROUP]", help: "names or numbers" },
  volume: {
    kind: "list",
    short: "v",
    value: "SOURCE:PATH[:OPTIONS]",
    help: "a file or folder of the host; ro, rshared, …",
  },
  workdir: { kind: "value", short: "w", value: "PATH", help: "where the command starts" },
};
