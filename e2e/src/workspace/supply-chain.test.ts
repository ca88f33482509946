import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";

const ROOT = join(import.meta.dirname, "../../..");

/** Everything that comes along with our packages. A further one is a decision, made here. */
const RUNTIME_DEPENDENCIES = [
  "@bufbuild/protobuf",
  "@connectrpc/connect",
  "@connectrpc/connect-node",
  "koffi",
  "smol-toml",
  "yaml",
];
/** Starts a program at its installation, which builds it where no built one is there: it works with `--ignore-scripts`. */
const WITH_INSTALL_SCRIPT = ["koffi"];
/** What npm starts by itself in whoever installs a package. */
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "prepare"];

interface Package {
  readonly name?: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function read(path: string): Promise<Readonly<Record<string, unknown>>> {
  const value: unknown = JSON.parse(await readFile(join(ROOT, path), "utf8"));
  if (typeof value !== "object" || value === null) throw new TypeError(`${path} is no object`);
  return { ...value };
}

function isTable(value: unknown): value is Readonly<Record<string, Package>> {
  return typeof value === "object" && value !== null;
}

let ours: readonly Package[];
let locked: Readonly<Record<string, Package>>;

beforeAll(async () => {
  const folders = await readdir(join(ROOT, "packages"));
  ours = await Promise.all(folders.map((folder) => read(`packages/${folder}/package.json`)));
  const { packages } = await read("package-lock.json");
  if (!isTable(packages)) throw new TypeError("the lock file has no packages");
  locked = packages;
});

test("S22: our packages start nothing when they are installed, and bring few others along, which are listed", () => {
  expect(ours.length).toBeGreaterThanOrEqual(8);
  for (const { name, scripts = {} } of ours) {
    expect({ name, starts: INSTALL_SCRIPTS.filter((script) => script in scripts) }).toEqual({ name, starts: [] });
  }
  const reached = new Set<string>();
  const pending = ours.flatMap(({ dependencies = {} }) => Object.keys(dependencies));
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name.startsWith("@voiyd/") || reached.has(name)) continue;
    reached.add(name);
    pending.push(...Object.keys(locked[`node_modules/${name}`]?.dependencies ?? {}));
  }
  expect([...reached].sort()).toEqual(RUNTIME_DEPENDENCIES);
  const starting = [...reached].filter((name) => locked[`node_modules/${name}`]?.hasInstallScript === true);
  expect(starting).toEqual(WITH_INSTALL_SCRIPT);
});

test("S22: what is installed is what the lock file says, by its hash", () => {
  const foreign = Object.entries(locked).filter(([path, { link }]) => path.includes("node_modules/") && link !== true);
  expect(foreign.length).toBeGreaterThan(RUNTIME_DEPENDENCIES.length);
  expect(foreign.filter(([, { integrity = "" }]) => !integrity.startsWith("sha512-")).map(([path]) => path)).toEqual(
    [],
  );
});
