import { type Container, DEFAULT_NETWORK, invalid } from "@voiyd/runtime-api";
import { stateOf } from "../output/status.js";
import { type Filters, readFilters } from "./filters.js";
import { parseLabelFilter } from "./label-filter.js";
import { parseInteger } from "./number.js";

type Test = (container: Container) => boolean;

/** What `ps --filter` wants. */
export interface ContainerFilters {
  /** Whether what does not run is meant too. */
  readonly withEnded: boolean;
  /** As far as the container itself can tell. */
  readonly fits: Test;
  /** What others have to be asked about: images, containers and networks. */
  readonly ancestors: readonly string[];
  readonly before: readonly string[];
  readonly since: readonly string[];
  readonly networks: readonly string[];
}

/** Docker's states, and our own for what cannot be known. */
const STATES = ["created", "restarting", "running", "removing", "paused", "exited", "dead", "creating", "unknown"];
const HEALTHS = ["starting", "healthy", "unhealthy", "none"];

/** How one value of a key is judged. Of the same key any value may fit. */
const TESTS: Readonly<Record<string, (value: string) => Test>> = {
  exited: (value) => {
    const code = parseInteger("--filter exited", value);
    return ({ status }) => status.phase === "exited" && status.exitCode === code;
  },
  health: (value) => {
    assertWord("health", value, HEALTHS);
    return ({ status }) => (status.health?.status ?? "none") === value;
  },
  id: (value) => (container) => container.status.id.startsWith(value),
  name: (value) => {
    const pattern = parsePattern(value);
    // Docker's own names begin with a slash, and its users write `^/web$`.
    return ({ meta }) => pattern.test(meta.name) || pattern.test(`/${meta.name}`);
  },
  publish: (value) => {
    const { from, to, protocol } = parsePorts(value);
    return ({ status }) =>
      status.phase !== "exited" &&
      (status.ports ?? []).some(
        (port) => (port.protocol ?? "tcp") === protocol && port.hostPort >= from && port.hostPort <= to,
      );
  },
  status: (value) => {
    assertWord("status", value, STATES);
    return (container) => stateOf(container) === value;
  },
  volume: (value) => (container) =>
    (container.config.mounts ?? []).some(
      (mount) =>
        mount.destination === value.replace(/(?<=.)\/+$/, "") ||
        (mount.type === "volume" && mount.name === value) ||
        (mount.type === "bind" && mount.source === value),
    ),
};

const KEYS = [...Object.keys(TESTS), "ancestor", "before", "label", "network", "since"].sort();

/** The filters of `docker ps`: of one key any value may fit, of labels all have to. Throws `INVALID_ARGUMENT`. */
export function parseContainerFilters(texts: readonly string[]): ContainerFilters {
  const given = readFilters(texts, KEYS);
  const tests = [
    ...Object.entries(TESTS).flatMap(([key, parse]) => anyOf(given, key, parse)),
    ...(given.get("label") ?? []).map((value): Test => {
      const fits = parseLabelFilter(value);
      return ({ meta }) => fits(meta.labels);
    }),
  ];
  return {
    // Nothing that runs has an exit code: asking for one means the others.
    withEnded: given.has("status") || given.has("exited"),
    fits: (container) => tests.every((test) => test(container)),
    ancestors: given.get("ancestor") ?? [],
    before: given.get("before") ?? [],
    since: given.get("since") ?? [],
    networks: given.get("network") ?? [],
  };
}

/** The names of the networks that a container was made for. */
export function networksOf({ config }: Pick<Container, "config">): readonly string[] {
  return config.networks?.map(({ name }) => name) ?? [config.network ?? DEFAULT_NETWORK];
}

function anyOf(given: Filters, key: string, parse: (value: string) => Test): Test[] {
  const values = given.get(key);
  if (values === undefined) return [];
  const tests = values.map(parse);
  return [(container) => tests.some((test) => test(container))];
}

function assertWord(key: string, value: string, words: readonly string[]): void {
  if (!words.includes(value)) throw invalid("--filter", `${key}=${value}`, `${key}= with one of ${words.join(", ")}`);
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw invalid("--filter", `name=${text}`, "a part of a name, or a regular expression");
  }
}

/** `80`, `8000-8010`, either with `/udp`. */
function parsePorts(text: string): { readonly from: number; readonly to: number; readonly protocol: string } {
  const [, from = "", to = from, protocol = "tcp"] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  if (from === "" || Number(from) > Number(to) || Number(to) > 65_535) {
    throw invalid("--filter", `publish=${text}`, "a port or a range of ports, as 80, 8000-8010 or 53/udp");
  }
  return { from: Number(from), to: Number(to), protocol };
}
