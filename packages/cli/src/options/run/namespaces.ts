import { invalid, type IdMapping, type Namespaces } from "@voiyd/runtime-api";
import { parseIdMapping } from "../id-mapping.js";
import type { RequestDraft } from "./request-draft.js";
import { list, type RunFlag, type RunFlags, single } from "./run-flag.js";

const CONTAINER = /^container:./;

/** A namespace that is chosen with a word; an empty word means the default, as with Docker. */
function choice<K extends "pid" | "ipc" | "uts" | "cgroup">(
  flag: string,
  namespace: K,
  words: readonly (Namespaces[K] & string)[],
  help: string,
): RunFlag {
  const joins = namespace === "pid" || namespace === "ipc";
  const shown = [...words, ...(joins ? ["container:NAME"] : [])].join("|");
  return single({ value: shown, help }, (draft, text) => {
    if (text === "") return;
    const word = words.find((one) => one === text);
    if (word !== undefined) draft.namespace({ [namespace]: word });
    else if (joins && CONTAINER.test(text)) draft.namespace({ [namespace]: text });
    else throw invalid(`--${flag}`, text, `one of ${shown.split("|").join(", ")}`);
  });
}

function map(draft: RequestDraft, which: "uids" | "gids", mappings: readonly IdMapping[]): void {
  const { user } = draft.config.namespaces ?? {};
  const before = typeof user === "object" ? user : { uids: [], gids: [] };
  draft.namespace({ user: { ...before, [which]: mappings } });
}

/** What is the container's own, and what it shares. */
export const NAMESPACE_FLAGS: RunFlags = {
  pid: choice("pid", "pid", ["host"], "whose processes it sees"),
  ipc: choice("ipc", "ipc", ["private", "shareable", "none", "host"], "whose shared memory it sees"),
  uts: choice("uts", "uts", ["host"], "whose host name it has"),
  cgroupns: choice("cgroupns", "cgroup", ["private", "host"], "whose control groups it sees"),
  userns: single({ value: "host", help: "whose user ids it has" }, (draft, text) => {
    if (text === "host") draft.namespace({ user: "host" });
    else if (text !== "") throw invalid("--userns", text, "host; for other ids see --uidmap and --gidmap");
  }),
  uidmap: list(
    { value: "ID:HOST_ID[:SIZE]", help: "users of its own, which are these of the host" },
    (draft, texts) => {
      map(
        draft,
        "uids",
        texts.map((text) => parseIdMapping("--uidmap", text)),
      );
    },
  ),
  gidmap: list(
    { value: "ID:HOST_ID[:SIZE]", help: "groups of its own, which are these of the host" },
    (draft, texts) => {
      map(
        draft,
        "gids",
        texts.map((text) => parseIdMapping("--gidmap", text)),
      );
    },
  ),
  hostname: single({ short: "h", value: "NAME", help: "the container's host name" }, (draft, text) => {
    if (text !== "") draft.config.hostname = text;
  }),
  domainname: single({ value: "NAME", help: "the container's NIS domain name" }, (draft, text) => {
    if (text !== "") draft.config.domainname = text;
  }),
};
