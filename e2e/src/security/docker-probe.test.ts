import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { type Findings, probe } from "./probe.js";

const RECORDED = join(import.meta.dirname, "fixtures/docker-probe.json");
const PROGRAM = join(import.meta.dirname, "../../programs/capture-docker-probe.mjs");

/** What is not about the container, but about the daemon that started it or the image that it is made of. */
const NOT_COMPARED: Readonly<Record<string, string>> = {
  limits: "both runtimes hand on their daemon's own",
  types: "the root's is the snapshotter's",
};
/** Rows in which a default container is more locked up than Docker's, and how. */
const STRICTER: Readonly<Record<string, readonly [docker: string, ours: string]>> = {
  noNewPrivileges: ["NoNewPrivs:\t0", "NoNewPrivs:\t1"],
};

interface Table {
  readonly host: { readonly docker: string; readonly kernel: string };
  readonly answers: Findings;
}

/** What Docker's container answers: asked now with `VOIYD_DOCKER=live`, which needs a Docker, or as it was recorded. */
async function dockersAnswers(stage: Stage): Promise<Table> {
  let file = RECORDED;
  if (process.env["VOIYD_DOCKER"] === "live") {
    file = join(stage.directory, "docker-probe.json");
    await promisify(execFile)(process.execPath, [PROGRAM, file]);
  }
  const table: unknown = JSON.parse(await readFile(file, "utf8"));
  if (!isTable(table)) throw new TypeError(`${file} is no table of answers`);
  if (file === RECORDED) {
    const { docker, kernel } = table.host;
    process.stderr.write(
      `compared with what Docker ${docker} was recorded with on Linux ${kernel}, because VOIYD_DOCKER=live does not ask for one\n`,
    );
  }
  return table;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && "answers" in value && "host" in value;
}

/** The first of these numbers belongs to the host's own namespaces in every Linux (`nsfs`, `proc_ns.h`). */
const FIRST_NAMESPACE = 4_026_531_835;
const LAST_OF_HOST = FIRST_NAMESPACE + 6;

/** An answer with what is another one in each container replaced by a name for it. */
function comparable(property: string, answer: string): string {
  const text = answer.replace(/\b[0-9a-f]{64}\b/g, "<id>").replace(/\b[0-9a-f]{12}\b/g, "<short-id>");
  switch (property) {
    case "namespaces":
      return text.replace(/\S+:\[(\d+)\]/g, (_, number: string) => (Number(number) <= LAST_OF_HOST ? "host's" : "own"));
    case "controlGroups":
      return [...new Set(text.split("\n").map((line) => line.replace(/^.*:\/(?:docker|voiyd)\//, "own/")))].join("\n");
    case "processes":
      return text.split("\n")[0] ?? "";
    default:
      return text;
  }
}

/** Options of mounts that take something away. */
const LOCKS = ["ro", "nosuid", "nodev", "noexec"];

/** The paths at which ours is less locked up than Docker's; those that Docker's alone masks, where this host has them. */
function looserMounts(docker: string, ours: string): readonly string[] {
  const own = readMounts(ours);
  return [...readMounts(docker)].flatMap(([path, theirs]) => {
    const options = own.get(path);
    if (options === undefined)
      return /^\/(?:proc|sys)\/./.test(path) && !path.startsWith("/sys/fs/cgroup") ? [`${path} is not there`] : [];
    const missing = LOCKS.filter((lock) => theirs.includes(lock) && !options.includes(lock));
    return missing.length === 0 ? [] : [`${path} lacks ${missing.join(", ")}`];
  });
}

function readMounts(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    text.split("\n").map((line) => {
      const [path = "", options = ""] = line.split(" ");
      return [path, options.split(",")] as const;
    }),
  );
}

/** Lines of path and what is seen there: each of Docker's at most as much with us. */
function seesMore(docker: string, ours: string): readonly string[] {
  const own = new Map(ours.split("\n").map((line) => line.split(" ") as [string, string]));
  return docker
    .split("\n")
    .map((line) => line.split(" ") as [string, string])
    .filter(([path, seen]) => own.has(path) && own.get(path) !== "0" && own.get(path) !== seen)
    .map(([path]) => path);
}

await describeOnHost("a default container beside Docker's", (test) => {
  test("is the same in each property, or more locked up", async (stage) => {
    const { answers, host } = await dockersAnswers(stage);
    const ours = await probe(stage);
    expect(Object.keys(ours).sort()).toEqual(Object.keys(answers).sort());
    expect(Object.keys(ours).length).toBeGreaterThanOrEqual(24);
    const sameKernel = (await readFile("/proc/sys/kernel/osrelease", "utf8")).trim() === host.kernel;

    const looser: Record<string, unknown> = {};
    for (const [property, answer] of Object.entries(answers)) {
      const docker = comparable(property, answer);
      const own = comparable(property, ours[property] ?? "");
      if (property in NOT_COMPARED || own === docker) continue;
      const known = STRICTER[property];
      if (known?.[0] === docker && known[1] === own) continue;
      if (property === "mounts") {
        // Another kernel has other files to be masked.
        const found = looserMounts(answer, ours[property] ?? "").filter((line) => sameKernel || line.includes("lacks"));
        if (found.length > 0) looser[property] = found;
      } else if (property === "masked" || property === "readonly") {
        const found = seesMore(answer, ours[property] ?? "");
        if (found.length > 0) looser[property] = found;
      } else if (property !== "controlGroups" || sameKernel) looser[property] = { docker, own };
    }
    expect(looser).toEqual({});
  });
});
