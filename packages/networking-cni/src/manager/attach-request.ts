import { createHash } from "node:crypto";
import { isAbsolute } from "node:path";
import { DEFAULT_NETWORK, RuntimeError, type AttachRequest } from "@voiyd/runtime-api";
import { assertHostNames } from "../names/host-name.js";
import { assertContainerId } from "../protocol/identifiers.js";
import { validatePorts, type RequestedPort } from "../ports/validate-ports.js";
import { checkNetworkRequest, invalidOption, type CheckedNetwork } from "./network-request.js";

/** What a container is called, and where its names are kept. */
export interface Naming {
  readonly names: readonly string[];
  readonly gatewayNames: readonly string[];
  readonly hostsFile?: string;
}

/** A request that has been checked. */
export interface CheckedRequest {
  readonly containerId: string;
  readonly networks: readonly (CheckedNetwork & { readonly ifName: string })[];
  readonly ports: readonly RequestedPort[];
  readonly naming: Naming;
}

/** Checks a request completely, before anything is touched. Throws `INVALID_ARGUMENT`. */
export function checkRequest(request: AttachRequest): CheckedRequest {
  const {
    containerId,
    networks: asked = [DEFAULT_NETWORK],
    portMappings = [],
    names = [],
    gatewayNames = [],
    hostsFile,
  } = request;
  assertContainerId(containerId);
  const networks = asked.map((network, index) => checkNetworkRequest(network, `networks[${String(index)}]`));
  const twice = firstTwice(networks.map(({ name }) => name));
  if (twice !== undefined) throw invalidRequest(`container ${containerId}: network ${twice} is asked for twice`);
  const ifTwice = firstTwice(networks.flatMap(({ ifName }) => ifName ?? []));
  if (ifTwice !== undefined) throw invalidRequest(`container ${containerId}: interface ${ifTwice} is asked for twice`);
  const ports = validatePorts(portMappings);
  if (ports.length > 0 && networks.length === 0) throw invalidRequest(`container ${containerId}: ports need a network`);
  assertHostNames(names, "names");
  assertHostNames(gatewayNames, "gatewayNames");
  if (hostsFile !== undefined && !isAbsolute(hostsFile))
    throw invalidOption("hostsFile", hostsFile, "an absolute path");
  const naming = { names, gatewayNames, ...(hostsFile === undefined ? {} : { hostsFile }) };
  return { containerId, networks: withInterfaceNames(networks), ports, naming };
}

/** The same for requests that ask the same of one network. */
export function fingerprintOf(network: CheckedNetwork, ports: readonly RequestedPort[], naming: Naming): string {
  const { name, ifName, ips, mac, aliases } = network;
  const { names, gatewayNames, hostsFile } = naming;
  return createHash("sha256")
    .update(JSON.stringify([name, ifName, ips, mac, aliases, ports, names, gatewayNames, hostsFile]))
    .digest("hex");
}

/** The first of `eth0`, `eth1`, … that is not taken. */
export function freeInterfaceName(taken: readonly string[]): string {
  for (let index = 0; ; index += 1) if (!taken.includes(`eth${String(index)}`)) return `eth${String(index)}`;
}

/** The error for a request that contradicts itself. */
export function invalidRequest(message: string): RuntimeError {
  return new RuntimeError("INVALID_ARGUMENT", message);
}

function withInterfaceNames(networks: readonly CheckedNetwork[]): CheckedRequest["networks"] {
  const taken = networks.flatMap(({ ifName }) => ifName ?? []);
  return networks.map((network) => {
    const ifName = network.ifName ?? freeInterfaceName(taken);
    taken.push(ifName);
    return { ...network, ifName };
  });
}

function firstTwice(texts: readonly string[]): string | undefined {
  return texts.find((text, index) => texts.indexOf(text) !== index);
}
