import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { withGlobalOptions } from "../command-line/option-table.js";
import { parseCommandLine } from "../command-line/parse.js";
import { type PeerFlag, RUN_FLAGS_OF_PEERS } from "../testing/run-flags-of-peers.js";
import { readContainerRequest } from "./container-request.js";
import { RUN_OPTIONS } from "./run-options.js";

const FIXTURES = join(import.meta.dirname, "../../../runtime-containerd/fixtures/docker");

/** Kinds that differ, and why. */
const OTHER_KINDS: Readonly<Record<string, string>> = {
  entrypoint: "nerdctl takes several for its compose files, and Docker takes the last",
};
/** Every name that is understood, with what it stands for. */
const KNOWN: ReadonlyMap<string, PeerFlag> = new Map(
  Object.entries(withGlobalOptions(RUN_OPTIONS)).flatMap(([name, spec]) =>
    [{ ...spec, name }, ...(spec.aliases ?? []).map((alias) => ({ kind: spec.kind, ...alias }))].map(
      ({ name: own, kind, short }): readonly [string, PeerFlag] => [
        own,
        short === undefined ? { kind } : { kind, short },
      ],
    ),
  ),
);

describe("the flags of docker run and nerdctl run", () => {
  for (const [peer, flags] of Object.entries(RUN_FLAGS_OF_PEERS)) {
    test(`are all known by the same names: those of ${peer}`, () => {
      expect([...flags.keys()].filter((flag) => !KNOWN.has(flag))).toEqual([]);
      expect(flags.size).toBeGreaterThanOrEqual(90);
    });

    test(`have the same letters, and take as much: those of ${peer}`, () => {
      const ours = (flag: string, { short }: PeerFlag): PeerFlag | undefined => {
        const known = KNOWN.get(flag);
        // A letter more than they have is no hole.
        return known === undefined || short !== undefined ? known : { kind: known.kind };
      };
      for (const [flag, theirs] of [...flags].filter(([flag]) => !Object.hasOwn(OTHER_KINDS, flag))) {
        expect({ flag, ...ours(flag, theirs) }).toEqual({ flag, ...theirs });
      }
    });
  }

  test("are all in the README, those that are refused too", () => {
    const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
    const missing = Object.keys(RUN_OPTIONS).filter(
      (flag) => !readme.includes(`--${flag.replace(/^cosign-.*/, "cosign-")}`),
    );
    expect(missing).toEqual([]);
  });

  test("have a help text that begins in lower case and fits a line", () => {
    for (const [flag, { help }] of Object.entries(RUN_OPTIONS)) {
      expect(`${flag}: ${help}`).toMatch(/^[a-z0-9-]+: [^A-Z.](?!.*\.$).{0,110}$|: (?:GPUs|CPUs) /);
    }
  });
});

interface Case {
  readonly name: string;
  readonly flags: readonly string[];
  readonly args?: readonly string[];
}

const { cases } = fixture("flags.json", (value): value is { readonly cases: readonly Case[] } => "cases" in value);
const configurations = fixture(
  "configurations.json",
  (value): value is Readonly<Record<string, object>> => "nothing" in value,
);

/** A recording is our own writing: only that it is the right one is checked. */
function fixture<Value>(name: string, isRight: (value: object) => value is Value & object): Value {
  const text = readFileSync(join(FIXTURES, name), "utf8").replaceAll("<work>", "/srv/app");
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !isRight(value)) throw new TypeError(`${name} is another file`);
  return value;
}

/** Beside this stands `docker.test.ts` of the runtime: what the configurations become, compared with what Docker makes of the flags. */
describe("what Docker was recorded with means the same here", () => {
  const sources = { env: {}, cwd: "/", readFile: (): Promise<string> => Promise.resolve("<custom>") };

  for (const { name, flags, args = [] } of cases) {
    test(name, async () => {
      const parsed = parseCommandLine([...flags, "plain", ...args], RUN_OPTIONS, { interspersed: false });
      const { request } = await readContainerRequest(parsed, "web", sources);
      expect(request.config).toEqual({ image: "plain", noNewPrivileges: false, ...configurations[name] });
    });
  }
});
