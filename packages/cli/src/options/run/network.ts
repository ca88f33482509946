import { parsePublish } from "../publish.js";
import { list, type RunFlags, single } from "./run-flag.js";

/** How the container is reached, and what it reaches. */
export const NETWORK_FLAGS: RunFlags = {
  network: single(
    { aliases: [{ name: "net" }], value: "NAME", help: "default, none, host, container:NAME, or a network's name" },
    (draft, text) => {
      draft.config.network = text;
    },
  ),
  publish: list(
    { short: "p", value: "[IP:][HOST:]PORT[/PROTO]", help: "publish a port or a range on the host" },
    (draft, texts) => {
      draft.add("portMappings", ...texts.flatMap(parsePublish));
    },
  ),
};
