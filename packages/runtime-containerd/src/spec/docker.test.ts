import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { type ContainerConfig, generateId, type ID, type Mount } from "@voiyd/runtime-api";
import { isRecord } from "../container/json.js";
import type { HostFacts } from "../host/facts.js";
import { withImageVolumes } from "../volume/image-volumes.js";
import type { RequestFacts } from "./build-spec.js";
import { buildSpec } from "../testing/checked-spec.js";
import { encodeSpec } from "./encode-spec.js";
import { hostnameOf } from "./hostname.js";
import type { LinuxDevice } from "./oci.js";
import { resolveUser } from "./user/resolve-user.js";
import { differences, facets } from "../testing/docker/facets.js";
import { covers, readKnownDifferences } from "../testing/docker/known-differences.js";

/** A configuration without its image. */
type Asked = Partial<ContainerConfig>;

interface Recorded {
  readonly host: { readonly kernel: string; readonly boundingCapabilities: string; readonly cgroupVersion: 1 | 2 };
  readonly specs: Readonly<Record<string, DockerSpec>>;
}
interface DockerSpec {
  readonly hostname?: string;
  readonly linux: { readonly seccomp?: string; readonly devices?: readonly LinuxDevice[] };
}
interface Flags {
  readonly cases: readonly { readonly name: string; readonly image?: string }[];
}

const root = join(import.meta.dirname, "../..");
const fixture = (name: string): string => readFileSync(join(root, "fixtures/docker", name), "utf8");
const recorded = parse("docker-specs.json", (value): value is Recorded => "specs" in value);
const profiles = parse("docker-seccomp.json", isRecord);
/**
 * What each combination of flags is for this runtime; that the command line makes the same of them is a test of the command
 * line's. Docker's defaults are asked for where ours are others: new privileges, and any number of processes.
 */
const CASES = parse("configurations.json", (value): value is Readonly<Record<string, Asked>> => "nothing" in value);
const flags = parse("flags.json", (value): value is Flags => "cases" in value);
const known = readKnownDifferences(readFileSync(join(root, "../../docs/security.md"), "utf8"));

const [major = 0, minor = 0] = recorded.host.kernel.split(".").map((part) => Number.parseInt(part, 10));
const HOST: HostFacts = {
  architecture: "x64",
  cgroupVersion: recorded.host.cgroupVersion,
  kernel: { major, minor },
  memory: 2 ** 34,
  bootId: "",
  boundingCapabilities: BigInt(`0x${recorded.host.boundingCapabilities}`),
  cgroupRoots: [],
};
/** A recording is our own writing: only that it is the right one is checked. */
function parse<Value>(name: string, isRight: (value: object) => value is Value & object): Value {
  const value: unknown = JSON.parse(fixture(name));
  if (typeof value !== "object" || value === null || !isRight(value)) throw new TypeError(`${name} is another file`);
  return value;
}

const HOSTS_NAME = "vm";
const FILES: Readonly<Record<string, string>> = {
  "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\nplain:x:1001:50::/:/bin/sh\n",
  "/etc/group": "root:x:0:\nwheel:x:10:root,app\napp:x:1000:\nmedia:x:44:app,plain\nstaff:x:50:\n",
};
const IMAGES = {
  plain: { env: [], cmd: ["sleep", "60"], user: "", volumes: [] },
  full: {
    env: ["FROM=image", "A=image", "EMPTY="],
    entrypoint: ["/bin/sleep"],
    cmd: ["60"],
    user: "app",
    workingDir: "/srv/here",
    volumes: ["/data"],
  },
} as const;

/** Our specification, with the recording's names for what differs from run to run. */
async function ours(asked: Asked, imageName: string | undefined, docker: DockerSpec): Promise<unknown> {
  const image = imageName === "full" ? IMAGES.full : IMAGES.plain;
  const id = generateId();
  const mounts = withImageVolumes("test", asked.mounts ?? [], image.volumes);
  const config = {
    image: "test",
    noNewPrivileges: false,
    ...asked,
    resources: { pids: -1, ...asked.resources },
    mounts,
    ...custom(asked),
  };
  const joinsNetwork = asked.network?.startsWith("container:") === true;
  const hostname = joinsNetwork ? (docker.hostname ?? "") : hostnameOf(config, id, HOSTS_NAME);
  const spec = buildSpec({
    id,
    namespace: "docker",
    config,
    image,
    host: HOST,
    user: await resolveUser(config.user ?? image.user, (path) => Promise.resolve(FILES[path]), config.groupAdd),
    hostname,
    network: joinsNetwork
      ? { kind: "joined", path: "/proc/<pid>/ns/net" }
      : asked.network === "host"
        ? { kind: "host" }
        : { kind: "none" },
    ownMounts: nameMounts(joinsNetwork ? "<other>" : "<id>", asked.readOnlyRootfs === true, mounts),
    devices: asked.privileged === true ? (docker.linux.devices ?? []) : [],
    found: requestFacts(asked, mounts),
  });
  return named(JSON.parse(encodeSpec(spec)), id);
}

function custom(asked: Asked): Asked {
  return typeof asked.seccomp === "object" ? { seccomp: { profile: fixture("seccomp-custom.json") } } : {};
}

function nameMounts(
  owner: string,
  readOnly: boolean,
  mounts: readonly Mount[],
): { destination: string; type: string; source: string; options: string[] }[] {
  return ["hostname", "hosts", "resolv.conf"]
    .filter((file) => mounts.every((mount) => mount.destination !== `/etc/${file}`))
    .map((file) => ({
      destination: `/etc/${file}`,
      type: "bind",
      source: `<data>/containers/${owner}/${file}`,
      options: ["rbind", readOnly ? "ro" : "rw", "rprivate"],
    }));
}

const NODES: Readonly<Record<string, LinuxDevice>> = {
  "/dev/null": { path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 0o666, uid: 0, gid: 0 },
  "/dev/zero": { path: "/dev/zero", type: "c", major: 1, minor: 5, fileMode: 0o666, uid: 0, gid: 0 },
  "/dev/full": { path: "/dev/full", type: "c", major: 1, minor: 7, fileMode: 0o666, uid: 0, gid: 0 },
};

const SHARED_MEMORY: ReadonlyMap<string, string> = new Map([
  ["host", "/dev/shm"],
  ["shareable", "<data>/containers/<id>/mounts/shm"],
  ["container:neighbour", "<data>/containers/<other>/mounts/shm"],
]);

function requestFacts(asked: Asked, mounts: readonly Mount[]): RequestFacts {
  const { pid, ipc } = asked.namespaces ?? {};
  const shm = SHARED_MEMORY.get(ipc ?? "private");
  return {
    devices: (asked.devices ?? []).flatMap((device) => {
      const node = "path" in device ? NODES[device.path] : undefined;
      if (node === undefined || !("path" in device)) return [];
      return [{ node: { ...node, path: device.destination ?? device.path }, access: device.permissions ?? "rwm" }];
    }),
    blockDevices: new Map([["/dev/vda", { major: 254, minor: 0 }]]),
    joined: {
      ...(pid === "container:neighbour" ? { pid: "/proc/<pid>/ns/pid" } : {}),
      ...(ipc === "container:neighbour" ? { ipc: "/proc/<pid>/ns/ipc" } : {}),
    },
    volumes: new Map(
      mounts.flatMap((mount) =>
        mount.type === "volume"
          ? [[mount.destination, `<data>/volumes/${mount.name ?? "<anonymous>"}/_data`] as const]
          : [],
      ),
    ),
    ...(shm === undefined ? {} : { shm }),
    ...(asked.init === true ? { init: "/usr/bin/docker-init" } : {}),
  };
}

function named(spec: unknown, id: ID): unknown {
  return JSON.parse(JSON.stringify(spec).replaceAll(id, "<id>").replaceAll(id.slice(0, 12), "<short-id>"));
}

function dockers(spec: DockerSpec): unknown {
  const { seccomp } = spec.linux;
  return { ...spec, linux: { ...spec.linux, ...(seccomp === undefined ? {} : { seccomp: profiles[seccomp] }) } };
}

describe("beside Docker", () => {
  const used = new Set<string>();
  let compared = 0;
  let different = 0;

  afterAll(() => {
    process.stderr.write(
      `beside Docker: ${String(compared)} combinations of flags, ${String(different)} fields that differ, all for one of ${String(used.size)} reasons\n`,
    );
  });

  test("at least sixty combinations of flags are compared", () => {
    const names = flags.cases.map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(60);
    expect(Object.keys(CASES)).toEqual(names);
    expect(isRecord(recorded.specs)).toBe(true);
  });

  for (const { name, image } of flags.cases) {
    test(`${name}: every difference is one that docs/security.md gives a reason for`, async () => {
      const docker = recorded.specs[name];
      const asked = CASES[name];
      if (docker === undefined || asked === undefined) throw new Error(`${name} was not recorded`);
      const found = differences(facets(dockers(docker)), facets(await ours(asked, image, docker)));
      compared += 1;
      different += found.length;
      const unknown = found.filter((difference) => {
        const row = known.find((candidate) => covers(candidate, difference));
        if (row !== undefined) used.add(`${row.field} | ${row.docker} | ${row.ours}`);
        return row === undefined;
      });
      expect(unknown).toEqual([]);
    });
  }

  test("no reason is given for a difference that there is not", () => {
    expect(known.map((row) => `${row.field} | ${row.docker} | ${row.ours}`).filter((row) => !used.has(row))).toEqual(
      [],
    );
    for (const { field, reason } of known)
      expect(`${field}: ${reason.length > 10 ? "with a reason" : "without a reason"}`).toBe(`${field}: with a reason`);
  });
});
