import { createHash } from "node:crypto";
import { DEFAULT_NETWORK, RuntimeError, type AttachRequest } from "@voiyd/runtime-api";
import { assertContainerId, assertNetworkName } from "../protocol/identifiers.js";
import type { PublishedPort } from "../ports/port-conflict.js";
import { validatePorts } from "../ports/validate-ports.js";

/** A request that has been checked. */
export interface CheckedRequest {
  readonly containerId: string;
  readonly networks: readonly string[];
  readonly ports: readonly PublishedPort[];
  /** The same for requests that ask for the same. */
  readonly fingerprint: string;
}

/** Checks a request completely, before anything is touched. Throws `INVALID_ARGUMENT`. */
export function checkRequest(request: AttachRequest): CheckedRequest {
  const { containerId, networks = [DEFAULT_NETWORK], portMappings = [] } = request;
  assertContainerId(containerId);
  networks.forEach((network) => {
    assertNetworkName(network);
  });
  const twice = networks.find((network, index) => networks.indexOf(network) !== index);
  if (twice !== undefined) throw invalidRequest(`container ${containerId}: network ${twice} is asked for twice`);
  const ports = validatePorts(portMappings);
  if (ports.length > 0 && networks.length === 0) throw invalidRequest(`container ${containerId}: ports need a network`);
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([networks, ports]))
    .digest("hex");
  return { containerId, networks, ports, fingerprint };
}

/** The error for a request that contradicts itself. */
export function invalidRequest(message: string): RuntimeError {
  return new RuntimeError("INVALID_ARGUMENT", message);
}
