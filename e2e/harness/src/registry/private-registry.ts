import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { endProcess, isAlive } from "../process/end-process.js";
import { type Launch, launch } from "../process/launch.js";
import type { ProcessEntry } from "../process/process-table.js";
import { pushLayout } from "./push.js";
import { registryRequest } from "./registry-request.js";

/** A registry of our own on loopback; plain HTTP and no credentials, unless it is said otherwise. Disposing of it ends it and removes its folder. */
export interface PrivateRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`: what an image reference begins with. */
  readonly host: string;
  readonly pid: number;
  /** What it has said so far, with a line for each request. */
  log(): Promise<string>;
  /** Uploads the image of an OCI layout, to a registry without protection; resolves with its reference. */
  push(layout: string, repository: string, tag: string): Promise<string>;
}

/** How a registry differs from one without any protection. */
export interface RegistryVariant {
  /** Paths of PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The path of a file of `htpasswd` with bcrypt. */
  readonly htpasswd?: string;
  /** Tokens of a service, signed with a key of the certificates in `certs`. */
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly certs: string;
  };
  /** The registry that this one is a mirror of, as `http://host:port`. */
  readonly mirrorOf?: string;
}

const READY_TIMEOUT_MS = 20_000;
const START_ATTEMPTS = 5;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("a listening socket has no port");
  return address.port;
}

function registryConfig(directory: string, port: number, variant: RegistryVariant): string {
  const { tls, htpasswd, token, mirrorOf } = variant;
  const file = (path: string): string => JSON.stringify(path);
  const tlsPart = tls === undefined ? "" : `, tls: { certificate: ${file(tls.cert)}, key: ${file(tls.key)} }`;
  return [
    "version: 0.1",
    "log: { level: info, accesslog: { disabled: false } }",
    `storage: { filesystem: { rootdirectory: ${JSON.stringify(join(directory, "storage"))} }, delete: { enabled: true } }`,
    `http: { addr: "127.0.0.1:${port}"${tlsPart} }`,
    ...(htpasswd === undefined ? [] : [`auth: { htpasswd: { realm: private, path: ${file(htpasswd)} } }`]),
    ...(token === undefined
      ? []
      : [
          `auth: { token: { realm: ${file(token.realm)}, service: ${file(token.service)}, issuer: ${file(token.issuer)}, rootcertbundle: ${file(token.certs)} } }`,
        ]),
    ...(mirrorOf === undefined ? [] : [`proxy: { remoteurl: ${file(mirrorOf)} }`]),
    "",
  ].join("\n");
}

/** Resolves with whether the registry answers; false when it ended, as it does when its port was taken meanwhile. */
async function isUp(host: string, server: ProcessEntry, protectedBy: RegistryVariant): Promise<boolean> {
  const isOpen = protectedBy.tls === undefined && protectedBy.htpasswd === undefined && protectedBy.token === undefined;
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline && (await isAlive(server))) {
    const answers = isOpen ? answersOpenly(host) : accepts(host);
    if (await answers) return isAlive(server);
    await delay(10);
  }
  return false;
}

async function answersOpenly(host: string): Promise<boolean> {
  return registryRequest(new URL(`http://${host}/v2/`), { method: "GET", accept: [200] }).then(
    () => true,
    () => false,
  );
}

function accepts(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(host.split(":")[1]), "127.0.0.1");
    const settle = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => {
      settle(true);
    });
    socket.once("error", () => {
      settle(false);
    });
  });
}

/** Starts Debian's `docker-registry` on a free loopback port, with storage, configuration and log in a folder of its own. */
export async function startRegistry(
  directory: string,
  variant: RegistryVariant = {},
  start: Launch = launch,
): Promise<PrivateRegistry> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const [config, logFile] = [join(directory, "registry.yml"), join(directory, "registry.log")];
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
    const host = `127.0.0.1:${await freePort()}`;
    await writeFile(config, registryConfig(directory, Number(host.split(":")[1]), variant));
    const server = await start("docker-registry", ["serve", config], { logFile });
    if (!(await isUp(host, server, variant))) {
      await endProcess(server, 0);
      continue;
    }
    return {
      host,
      pid: server.pid,
      log: () => readFile(logFile, "utf8"),
      async push(layout, repository, tag) {
        await pushLayout(host, layout, repository, tag);
        return `${host}/${repository}:${tag}`;
      },
      async [Symbol.asyncDispose]() {
        await endProcess(server, 2_000);
        await rm(directory, { recursive: true, force: true });
      },
    };
  }
  const log = (await readFile(logFile, "utf8")).trimEnd().split("\n").slice(-10).join("\n");
  throw new Error(`docker-registry does not start; its last words:\n${log}`);
}
