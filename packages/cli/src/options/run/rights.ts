import { parseDevice } from "../device.js";
import { parseGpus } from "../gpus.js";
import { parseKeyValues } from "../key-value.js";
import { readOptionFile } from "../option-file.js";
import { parseSecurityOptions } from "../security.js";
import { commaList, list, type RunFlags, toggle } from "./run-flag.js";

/** What the container may do, and to what. */
export const RIGHTS_FLAGS: RunFlags = {
  privileged: toggle({ help: "all capabilities and devices, nothing masked" }, (draft) => {
    draft.config.privileged = true;
  }),
  hardened: toggle({ help: "read-only, few capabilities and processes, no new privileges, 1 GiB" }, (draft) => {
    draft.config.hardened = true;
    // What is said explicitly counts more than the preset, and Docker's default is no wish of anybody's.
    draft.config.noNewPrivileges = true;
  }),
  "cap-add": commaList({ value: "NAME", help: "add a capability, or ALL" }, (draft, names) => {
    draft.capabilities("add", names);
  }),
  "cap-drop": commaList({ value: "NAME", help: "take a capability away, or ALL" }, (draft, names) => {
    draft.capabilities("drop", names);
  }),
  "security-opt": list(
    { value: "OPTION", help: "no-new-privileges, seccomp=, apparmor=, label=, systempaths=, writable-cgroups=" },
    async (draft, texts, sources) => {
      const { seccomp, ...options } = parseSecurityOptions(texts);
      Object.assign(draft.config, options);
      if (seccomp !== undefined) {
        draft.config.seccomp =
          typeof seccomp === "string"
            ? seccomp
            : { profile: await readOptionFile("--security-opt seccomp", seccomp.file, sources) };
      }
    },
  ),
  device: commaList({ value: "PATH[:PATH[:rwm]]", help: "a device of the host, or a CDI name" }, (draft, texts) => {
    draft.add("devices", ...texts.map((text) => parseDevice(text)));
  }),
  gpus: list({ value: "all|NUMBER", help: "GPUs that the host's CDI files describe" }, (draft, texts) => {
    draft.add("devices", ...texts.flatMap((text) => parseGpus(text)));
  }),
  "device-cgroup-rule": list({ value: "RULE", help: 'which devices may be used, as "c 13:* rwm"' }, (draft, rules) => {
    draft.config.deviceCgroupRules = rules;
  }),
  sysctl: list({ value: "NAME=VALUE", help: "a kernel setting of its own namespaces" }, (draft, texts) => {
    draft.config.sysctls = parseKeyValues("--sysctl", texts);
  }),
};
