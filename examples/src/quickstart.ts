import { join } from "node:path";
import { ContainerdClient } from "@voiyd/containerd-client";
import {
  busyboxImage,
  diffInventory,
  formatDifference,
  type PrivateHost,
  startPrivateHost,
  startRegistry,
  takeInventory,
} from "@voiyd/harness";
import { createNetworkManager } from "@voiyd/networking-cni";
import type { Container } from "@voiyd/runtime-api";
import { type ContainerdRuntime, createContainerdRuntime } from "@voiyd/runtime-containerd";
import { askOverHttp } from "./ask-over-http.js";
import { progressLine } from "./progress-line.js";
import { readText } from "./read-text.js";
import { Teller } from "./teller.js";

export interface QuickstartOptions {
  /** An image of any registry. Default: a web server built here, served by a registry of our own. */
  readonly image?: string;
  /** The port that the image's server listens on. Default: the first that the image says it exposes, else 80. */
  readonly containerPort?: number;
}

/**
 * The whole way once, on a containerd of our own that leaves the system's alone: pull, run with a published port, ask
 * over HTTP, logs, status, stop, delete, and nothing left. Throws when any of it does not work.
 */
export async function quickstart(options: QuickstartOptions = {}): Promise<void> {
  const teller = new Teller((text) => process.stdout.write(text), process.stdout.isTTY);
  await using stack = disposables();
  const host = stack.use(
    await teller.step(
      "Starting a containerd of our own, beside the system's",
      startPrivateHost,
      ({ address }) => `it listens on ${address}`,
    ),
  );
  const image = options.image ?? (await serveImage(teller, host, stack));
  const client = stack.use(new ContainerdClient({ address: host.address, namespace: "voiyd" }));
  const network = stack.use(
    createNetworkManager({
      confDir: host.confDir,
      cacheDir: host.cacheDir,
      netnsDir: host.netnsDir,
      defaultNetwork: { bridge: host.bridge, subnet: host.subnet, ipamDataDir: host.ipamDir },
    }),
  );
  const runtime = stack.use(
    createContainerdRuntime(client, network, { logDirFmt: host.logDirFmt, stateDir: host.stateDir }),
  );
  await show(teller, host, runtime, image, options);
  teller.say(`\nThat was a container's whole life, in ${teller.elapsed()}.`);
}

const DEFAULT_PORT = 80;

/** The first process of a container gets no signal that it has no handler for, so a server alone would not stop. */
const SERVER = "trap 'exit 0' TERM; httpd -f -v -p 80 -h /www & wait";

async function serveImage(teller: Teller, host: PrivateHost, stack: Disposables): Promise<string> {
  // Within the host's folder: should this process be killed, the next run removes both.
  const directory = join(host.directory, "quickstart");
  const registry = stack.use(
    await teller.step(
      "Starting a registry of our own",
      () => startRegistry(join(directory, "registry")),
      ({ host }) => `it serves on http://${host}`,
    ),
  );
  return teller.step(
    "Building an image with a web server, without Docker, and pushing it",
    async () => {
      const image = await busyboxImage(join(directory, "image"), { config: { cmd: ["sh", "-c", SERVER] } });
      return registry.push(image.directory, "quickstart/web", "latest");
    },
    (reference) => reference,
  );
}

async function show(
  teller: Teller,
  host: PrivateHost,
  runtime: ContainerdRuntime,
  image: string,
  options: QuickstartOptions,
): Promise<void> {
  const before = await takeInventory(host);
  const pulled = await teller.step(
    `Pulling ${image}`,
    () => runtime.pullImage(image, { onProgress: progressLine(process.stdout) }),
    (result) => `${result.digest}, ${((result.size ?? 0) / 1e6).toFixed(1)} MB`,
  );
  const containerPort = options.containerPort ?? (await exposedPort(runtime, pulled.name)) ?? DEFAULT_PORT;
  const container = await teller.step(
    "Running it, with a port published on this machine",
    () =>
      runtime.run({
        meta: { name: "web" },
        config: { image: pulled.name, portMappings: [{ hostPort: 0, containerPort }] },
      }),
    describe,
  );
  const url = `http://127.0.0.1:${container.status.ports?.[0]?.hostPort ?? 0}/`;
  const ask = askOverHttp(url, () => runtime.get("web"));
  await teller.step(
    `Asking ${url}`,
    // An image of the user's choice need not be a web server, unless its port was named as one's.
    () => (options.image === undefined || options.containerPort !== undefined ? ask : ask.catch(reasonOf)),
    (answer) =>
      typeof answer === "string"
        ? `no web server: ${answer}`
        : `HTTP ${answer.status}, ${answer.body.length} characters`,
  );
  const logs = await teller.step("Reading its logs", async () => {
    const io = await runtime.io("web");
    return (await readText(io.stdout)) + (await readText(io.stderr));
  });
  teller.quote(logs);
  await teller.step("Asking for its status", () => runtime.get("web"), describe);
  await teller.step(
    "Stopping it",
    () => runtime.stop("web"),
    () => "its process has ended",
  );
  await teller.step("Deleting it, and the image", async () => {
    await runtime.delete("web");
    await runtime.removeImage(pulled.name);
  });
  await teller.step(
    "Looking for anything that is left",
    async () => {
      // Others may be at work on this machine; what has gone meanwhile is theirs.
      const difference = diffInventory(before, await takeInventory(host)).filter(({ change }) => change === "left");
      if (difference.length > 0) throw new Error(`this is left:\n${formatDifference(difference)}`);
    },
    () => "nothing: no task, snapshot, lease, process, mount, interface, address, rule or file",
  );
}

/** The first TCP port that the image says its program listens on, as in `80/tcp`. */
async function exposedPort(runtime: ContainerdRuntime, image: string): Promise<number | undefined> {
  const { config } = await runtime.inspectImage(image);
  const port = config.exposedPorts.find((text) => /^\d+(?:\/tcp)?$/.test(text));
  return port === undefined ? undefined : Number.parseInt(port, 10);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describe(container: Container): string {
  const { id, phase, pid, ip, ports } = container.status;
  const published = (ports ?? []).map((port) => `port ${port.hostPort} → ${port.containerPort}`).join(", ");
  return `${container.meta.name} (${id.slice(0, 12)}) is ${phase}, pid ${pid ?? "-"}, address ${ip ?? "-"}, ${published}`;
}

interface Disposables extends AsyncDisposable {
  use<T extends AsyncDisposable>(resource: T): T;
}

/** What is disposed of at the end, last in first out. (Node.js has such a class only from version 24 on.) */
function disposables(): Disposables {
  const resources: AsyncDisposable[] = [];
  return {
    use(resource) {
      resources.push(resource);
      return resource;
    },
    async [Symbol.asyncDispose]() {
      for (const resource of resources.reverse()) await resource[Symbol.asyncDispose]();
    },
  };
}
