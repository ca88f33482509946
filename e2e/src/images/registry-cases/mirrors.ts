import type { RegistryHost, RegistryOptions } from "@voiyd/oci-registry";
import { answer, cutAt, silence, slowly, stallAt } from "../misdeeds.js";
import type { MisbehavingRegistry } from "../misbehaving-registry.js";
import { ALWAYS, type CaseStage, type RegistryCase } from "./registry-case.js";

const mirrored = ({ registry, other }: CaseStage): RegistryOptions => {
  const host = (at: MisbehavingRegistry): RegistryHost => ({
    url: new URL(`http://${at.host}/v2`),
    canResolve: true,
    canPull: true,
    canPush: false,
    headers: {},
  });
  return {
    hosts: () => Promise.resolve([host(other), host(registry)]),
    stallTimeoutMs: 400,
    attempts: 1,
  };
};

/** A mirror, and the registry behind it. */
export const MIRRORS: readonly RegistryCase[] = [
  {
    name: "a mirror that is silent, then a good one",
    outcome: "right",
    options: mirrored,
    arrange: ({ other }) => {
      other.script("any", silence, ALWAYS);
    },
  },
  {
    name: "a mirror that has nothing, then a good one",
    outcome: "right",
    options: mirrored,
  },
  {
    name: "a mirror that fails, then a good one",
    outcome: "right",
    options: mirrored,
    arrange: ({ other }) => {
      other.script("any", answer(500), ALWAYS);
    },
  },
  {
    name: "a mirror that breaks in the middle of a layer, then a good one",
    outcome: "right",
    options: mirrored,
    arrange: ({ other, image, repository }) => {
      image.serve(other, repository);
      other.script("layer", cutAt(0.5), ALWAYS);
    },
  },
  {
    name: "a mirror that stalls in the middle of a layer, then a good one",
    outcome: "right",
    options: mirrored,
    arrange: ({ other, image, repository }) => {
      image.serve(other, repository);
      other.script("layer", stallAt(0.5), ALWAYS);
    },
  },
  {
    name: "a slow mirror that goes on, and a good one that is not needed",
    outcome: "right",
    options: mirrored,
    arrange: ({ other, image, repository }) => {
      image.serve(other, repository);
      other.script("layer", slowly, ALWAYS);
    },
    check: ({ registry }) => {
      if (registry.asked.length > 0) throw new Error("the registry was asked, though the mirror had not fallen silent");
    },
  },
  {
    name: "a mirror that refuses, then a good one",
    outcome: "right",
    options: mirrored,
    arrange: ({ other }) => {
      other.script("any", answer(401, { "www-authenticate": "Basic" }), ALWAYS);
    },
  },
];
