import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OCI_MANIFEST } from "../document/media-types.js";
import { parseReference } from "../reference/parse-reference.js";
import { createRegistrySource } from "../registry/registry-source.js";
import { FakeRegistry } from "../testing/fake-registry.js";
import { status } from "../testing/faults.js";
import { failureOf } from "../testing/read-all.js";
import { TestClock } from "../testing/test-clock.js";
import { hostsFromFolders } from "./hosts-folders.js";
import { parseHostsToml } from "./hosts-toml.js";

describe("hosts.toml", () => {
  const parse = (text: string) => parseHostsToml(text, "/hosts.toml");

  test("keeps the order of its mirrors, and ends with the server", () => {
    const entries = parse(`
      server = "https://registry-1.docker.io"
      [host."https://z.example"]
      [host."http://a.example:5000"]
      [host."b.example"]
    `);
    expect(entries.map(({ server }) => server?.href)).toEqual([
      "https://z.example/",
      "http://a.example:5000/",
      "https://b.example/",
      "https://registry-1.docker.io/",
    ]);
  });

  test("without a server ends with the registry itself, with the keys of the root", () => {
    expect(parse(`ca = "a.pem"\nskip_verify = true`)).toEqual([
      {
        server: undefined,
        capabilities: ["pull", "resolve", "push"],
        ca: ["a.pem"],
        client: [],
        skipVerify: true,
        headers: {},
        overridePath: false,
      },
    ]);
  });

  test("reads every key of a mirror", () => {
    const [mirror] = parse(`
      [host."https://m.example/prefix"]
        capabilities = ["pull"]
        ca = ["a.pem", "/b.pem"]
        client = [["c.cert", "c.key"], ["both.pem", ""]]
        override_path = true
        dial_timeout = "1m1.5s"
      [host."https://m.example/prefix".header]
        x-one = "1"
        X-Two = ["a", "b"]
    `);
    expect(mirror).toEqual({
      server: new URL("https://m.example/prefix"),
      capabilities: ["pull"],
      ca: ["a.pem", "/b.pem"],
      client: [["c.cert", "c.key"], ["both.pem"]],
      skipVerify: false,
      headers: { "x-one": "1", "x-two": "a, b" },
      overridePath: true,
      dialTimeoutMs: 61_500,
    });
  });

  test.each([
    ["is no TOML", 'host = "secret'],
    ["has an unknown capability", 'capabilities = ["delete"]'],
    ["has a server that is no URL", 'server = "https://"'],
    ["has credentials in a URL", 'server = "https://ada:canary@h"'],
    ["has a flag of text", 'skip_verify = "yes"'],
    ["has a duration without a unit", 'dial_timeout = "5"'],
    ["has a header with a line break", '[header]\nx = "a\\nb"'],
    ["has a client of three", 'client = [["a", "b", "c"]]'],
  ])("that %s is refused by its path", (_, text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: "FAILED_PRECONDITION",
        message: expect.stringMatching(/^\/hosts\.toml: (?!.*canary)/),
      }),
    );
  });
});

describe("hosts in folders", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "voiyd-hosts-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const write = async (name: string, file: string, text: string): Promise<void> => {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, file), text);
  };
  const urls = async (registry: string): Promise<string[]> => {
    const hosts = await hostsFromFolders({ folders: [join(folder, "absent"), folder] })(registry);
    return hosts.map(({ url }) => url.href);
  };

  test.each([
    ["host_port_", "r.example_5000_"],
    ["host:port", "r.example:5000"],
    ["host alone", "r.example"],
    ["the folder for all", "_default"],
  ])("are found by %s", async (_, name) => {
    await write(name, "hosts.toml", '[host."https://m.example"]');
    expect(await urls("r.example:5000")).toEqual(["https://m.example/v2", "https://r.example:5000/v2"]);
  });

  test("are none where there is no folder", async () => {
    expect(await urls("r.example")).toEqual([]);
  });

  test("get the API's path, unless theirs is to be kept or has it", async () => {
    await write(
      "docker.io",
      "hosts.toml",
      `[host."https://a.example/x"]
       [host."https://b.example/v2/hub"]
       override_path = true
       [host."https://c.example/x/v2"]`,
    );
    expect(await urls("docker.io")).toEqual([
      "https://a.example/x/v2",
      "https://b.example/v2/hub",
      "https://c.example/x/v2",
      "https://registry-1.docker.io/v2",
    ]);
  });

  test("take Docker's certificates where there is no hosts.toml", async () => {
    for (const name of ["ca.crt", "client.cert", "client.key"]) await write("r.example", name, name);
    const [host] = await hostsFromFolders({ folders: [folder] })("r.example");
    expect(host?.tls).toEqual({ ca: ["ca.crt"], cert: ["client.cert"], key: ["client.key"] });
  });

  test("with a certificate that is not there are an error that names it", async () => {
    await write("r.example", "hosts.toml", 'ca = "nowhere.pem"');
    const failure = await failureOf(hostsFromFolders({ folders: [folder] })("r.example"));
    expect([failure.code, failure.message]).toEqual(["FAILED_PRECONDITION", expect.stringContaining("nowhere.pem")]);
  });
});

describe("mirrors", () => {
  let folder: string;
  const registries: FakeRegistry[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "voiyd-mirrors-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    for (const registry of registries.splice(0)) await registry[Symbol.asyncDispose]();
  });
  const start = async (): Promise<FakeRegistry> => {
    const registry = await FakeRegistry.start();
    registries.push(registry);
    return registry;
  };
  const configure = async (text: string) => {
    await mkdir(join(folder, "docker.io"), { recursive: true });
    await writeFile(join(folder, "docker.io", "hosts.toml"), text);
    return createRegistrySource({
      hosts: hostsFromFolders({ folders: [folder] }),
      clock: new TestClock(),
      proxies: {},
      attempts: 2,
    });
  };
  const document = { schemaVersion: 2, config: {}, layers: [] };

  test("are asked in order, told the registry that is meant, and given their headers", async () => {
    const [bad, good] = [await start(), await start()];
    bad.script(() => true, status(500), 99);
    const descriptor = good.manifest("library/a", "latest", document, OCI_MANIFEST);
    await using source = await configure(`
      [host."http://${bad.host}"]
      [host."http://${good.host}"]
      [host."http://${good.host}".header]
      authorization = "Bearer mirror-secret"
    `);
    expect(await source.resolve(parseReference("a"))).toEqual(descriptor);
    expect(good.requests[0]?.url.searchParams.get("ns")).toBe("docker.io");
    expect(good.requests[0]?.headers.authorization).toBe("Bearer mirror-secret");
    expect(bad.requests.length).toBeGreaterThan(1);
    expect(bad.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(false);
  });

  test("without the capability are not asked", async () => {
    const [pullOnly, server] = [await start(), await start()];
    server.manifest("library/a", "latest", document, OCI_MANIFEST);
    await using source = await configure(`
      server = "http://${server.host}"
      [host."http://${pullOnly.host}"]
      capabilities = ["pull"]
    `);
    await source.resolve(parseReference("a"));
    expect(pullOnly.requests).toEqual([]);
  });

  test("that all fail are all named in the error", async () => {
    const [one, two] = [await start(), await start()];
    one.script(() => true, status(403), 99);
    await using source = await configure(`server = "http://${two.host}"\n[host."http://${one.host}"]`);
    const failure = await failureOf(source.resolve(parseReference("a")));
    expect(failure.code).toBe("REGISTRY_UNAUTHORIZED");
    expect(failure.details["tried"]).toEqual([`${one.host}: REGISTRY_UNAUTHORIZED`, `${two.host}: IMAGE_NOT_FOUND`]);
  });
});
