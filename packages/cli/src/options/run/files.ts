import { invalid } from "@voiyd/runtime-api";
import { parseMount } from "../mount.js";
import { assertNoRelabelling } from "../relabel.js";
import { parseSize } from "../size.js";
import { parseTmpfs } from "../tmpfs.js";
import { parseVolume } from "../volume.js";
import { parseVolumesFrom } from "../volumes-from.js";
import { list, type RunFlags, single, toggle } from "./run-flag.js";

/** What appears at the container's paths. */
export const FILE_FLAGS: RunFlags = {
  volume: list(
    {
      short: "v",
      value: "[SOURCE:]PATH[:OPTIONS]",
      help: "a folder of the host or a volume; ro, rro, rshared, nocopy, …",
    },
    async (draft, texts, sources) => {
      for (const text of texts) {
        const { mount, relabel } = parseVolume(text, sources.cwd);
        if (relabel) await assertNoRelabelling(text, sources);
        if (mount.type === "bind") draft.foldersToMake.push(mount.source);
        draft.mount(mount);
      }
    },
  ),
  mount: list(
    { value: "type=TYPE,KEY=VALUE,…", help: "a bind, volume or tmpfs, written out; a source must exist" },
    (draft, texts, { cwd }) => {
      draft.mount(...texts.map((text) => parseMount(text, cwd)));
    },
  ),
  tmpfs: list(
    { value: "PATH[:OPTIONS]", help: "a folder in memory; size=, mode=, uid=, exec, ro, …" },
    (draft, texts) => {
      draft.mount(...texts.map((text) => parseTmpfs(text)));
    },
  ),
  "volumes-from": list({ value: "CONTAINER[:ro|rw]", help: "what is mounted in another container" }, (draft, texts) => {
    draft.config.volumesFrom = texts.map((text) => parseVolumesFrom(text));
  }),
  "volume-driver": single({ value: "local", help: "who keeps the volumes" }, (_draft, text) => {
    if (text !== "" && text !== "local") throw invalid("--volume-driver", text, "local, the only one there is");
  }),
  "shm-size": single({ value: "SIZE", help: "of /dev/shm, 64m by default" }, (draft, text) => {
    const size = parseSize("--shm-size", text);
    if (size > 0) draft.config.shmSize = size;
  }),
  "read-only": toggle({ help: "the image's files cannot be changed" }, (draft) => {
    draft.config.readOnlyRootfs = true;
  }),
};
