import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type AttachRequest, type ContainerConfig, generateId } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import type { SpecNetwork } from "../spec/build-spec.js";
import { tempFolder, type TempFolder } from "../testing/temp-folder.js";
import { testContext } from "../testing/test-context.js";
import { setUpNetwork } from "./network.js";

const id = generateId();
let folder: TempFolder;
let steps: string[];
let asked: AttachRequest | undefined;
let hostsAtAttach: string;
let telling: boolean;
let context: RuntimeContext;

beforeEach(async () => {
  folder = await tempFolder();
  steps = [];
  asked = undefined;
  telling = true;
  hostsAtAttach = "";
  const { network } = testContext();
  context = testContext({
    stateDir: folder.path,
    network: {
      ...network,
      attach: (request, { onNamespace } = {}) => {
        steps.push("attach");
        asked = request;
        hostsAtAttach = readFileSync(request.hostsFile ?? "", "utf8");
        const namespacePath = `/netns/${request.containerId}`;
        if (telling) onNamespace?.(namespacePath);
        steps.push("attached");
        return Promise.resolve({ containerId: request.containerId, namespacePath, interfaces: [], ports: [] });
      },
    },
  });
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

async function setUp(config: Partial<ContainerConfig>, joined?: string): Promise<SpecNetwork | undefined> {
  let network: SpecNetwork | undefined;
  const container = { id, name: "web", hostname: "box", config: { image: "nginx", ...config }, joined };
  await setUpNetwork(
    context,
    container,
    (found) => {
      steps.push("joinable");
      network = found;
    },
    {},
  );
  return network;
}

describe("the network of a container", () => {
  test("is asked for with the container's names and its hosts file, which is there before", async () => {
    const network = await setUp({
      domainname: "example.org",
      extraHosts: [
        { name: "db", address: "10.9.9.9" },
        { name: "up", address: "host-gateway" },
      ],
    });
    expect(network).toEqual({ kind: "joined", path: `/netns/test-${id}` });
    expect(steps).toEqual(["attach", "joinable", "attached"]);
    expect(asked).toEqual({
      containerId: `test-${id}`,
      networks: ["default"],
      portMappings: [],
      names: ["box.example.org", "box", "web"],
      gatewayNames: ["up"],
      hostsFile: folder.at(`test-${id}/hosts`),
    });
    expect(hostsAtAttach).toMatch(/^127\.0\.0\.1\tlocalhost\n[^]*\n10\.9\.9\.9\tdb\n$/);
  });

  test("can be joined in the end where the network manager does not tell earlier", async () => {
    telling = false;
    expect(await setUp({})).toEqual({ kind: "joined", path: `/netns/test-${id}` });
    expect(steps).toEqual(["attach", "attached", "joinable"]);
  });

  test("may be several, with what is wanted of each", async () => {
    const networks = [{ name: "front", ips: ["10.1.0.9"], aliases: ["www"] }, { name: "back" }];
    await setUp({ networks });
    expect(asked?.networks).toEqual(networks);
  });

  test("does not lead others to it by the host's own name", async () => {
    await setUp({ namespaces: { uts: "host" } });
    expect(asked?.names).toEqual(["web"]);
    expect(hostsAtAttach).toContain("\n127.0.1.1\tbox\n");
  });

  test("leaves out a name that no hosts file could hold", async () => {
    await setUp({ networks: [{ name: "front" }] });
    expect(asked?.names).toEqual(["box", "web"]);
    const container = { id, name: "web.", hostname: "box", config: { image: "nginx" } };
    await setUpNetwork(context, container, () => undefined, {});
    expect(asked?.names).toEqual(["box"]);
  });

  test.each(["none", "host"] as const)("%s is none of the network manager's", async (network) => {
    expect(await setUp({ network, extraHosts: [{ name: "up", address: "host-gateway" }] })).toEqual({ kind: network });
    expect(steps).toEqual(["joinable"]);
    const text = readFileSync(folder.at(`test-${id}/hosts`), "utf8");
    expect(text.includes("127.0.0.1\tup")).toBe(network === "host");
  });

  test("of another container is joined", async () => {
    expect(await setUp({ network: "container:other" }, "/proc/1/ns/net")).toEqual({
      kind: "joined",
      path: "/proc/1/ns/net",
    });
    expect(steps).toEqual(["joinable"]);
  });
});
