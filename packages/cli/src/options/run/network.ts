import { parseExtraHost } from "../extra-host.js";
import { parseExposed } from "../exposed-ports.js";
import { NETWORK_OPTIONS } from "../network.js";
import { parsePublish } from "../publish.js";
import { commaList, list, type RunFlags } from "./run-flag.js";

/** How the container is reached, and what it reaches. */
export const NETWORK_FLAGS: RunFlags = {
  // Read together: which network an address is wished on depends on how many there are.
  ...NETWORK_OPTIONS,
  publish: commaList(
    { short: "p", value: "[IP:][HOST:]PORT[/PROTO]", help: "publish a port or a range on the host" },
    (draft, texts) => {
      draft.add("portMappings", ...texts.flatMap(parsePublish));
    },
  ),
  "publish-all": { kind: "flag", short: "P", help: "publish every port that the image exposes on a free one" },
  expose: list({ value: "PORT[/PROTO]", help: "a port or a range that -P publishes too" }, (_draft, texts) => {
    texts.forEach((text) => parseExposed(text));
  }),
  dns: commaList({ value: "ADDRESS", help: "a name server instead of the host's" }, (draft, servers) => {
    draft.config.dns = { ...draft.config.dns, servers };
  }),
  "dns-search": commaList({ value: "DOMAIN", help: "a domain to search in" }, (draft, search) => {
    draft.config.dns = { ...draft.config.dns, search };
  }),
  "dns-option": commaList(
    { aliases: [{ name: "dns-opt" }], value: "OPTION", help: "of resolv.conf(5), as ndots:2" },
    (draft, options) => {
      draft.config.dns = { ...draft.config.dns, options };
    },
  ),
  "add-host": commaList(
    { value: "NAME:ADDRESS", help: "a line of its hosts file; host-gateway for the host" },
    (draft, texts) => {
      draft.add("extraHosts", ...texts.map((text) => parseExtraHost(text)));
    },
  ),
};
