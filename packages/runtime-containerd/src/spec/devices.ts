import { type ContainerConfig, parseDeviceRule } from "@voiyd/runtime-api";
import type { LinuxDevice, LinuxDeviceRule } from "./oci.js";

/** `devices.txt` of the kernel: what a container may use when it may use nothing special. */
const STANDARD: readonly LinuxDeviceRule[] = [
  { allow: true, access: "rwm", type: "c", major: 1, minor: 3 }, // null
  { allow: true, access: "rwm", type: "c", major: 1, minor: 5 }, // zero
  { allow: true, access: "rwm", type: "c", major: 1, minor: 7 }, // full
  { allow: true, access: "rwm", type: "c", major: 1, minor: 8 }, // random
  { allow: true, access: "rwm", type: "c", major: 1, minor: 9 }, // urandom
  { allow: true, access: "rwm", type: "c", major: 5, minor: 0 }, // tty
  { allow: true, access: "rwm", type: "c", major: 5, minor: 1 }, // console
  { allow: true, access: "rwm", type: "c", major: 5, minor: 2 }, // ptmx
  { allow: true, access: "rwm", type: "c", major: 136 }, // pts/*
  // Making a node is harmless where using it is not allowed; images' package managers do it.
  { allow: true, access: "m", type: "c" },
  { allow: true, access: "m", type: "b" },
];

/** A device of the host, and what the container may do with it. */
export interface GrantedDevice {
  readonly node: LinuxDevice;
  /** Of `r`, `w` and `m`. */
  readonly access: string;
}

/** The rules of the device control group, in order: the last that fits wins. */
export function deviceRules(
  privileged: boolean,
  granted: readonly GrantedDevice[] = [],
  rules: readonly string[] = [],
): readonly LinuxDeviceRule[] {
  if (privileged) return [{ allow: true, access: "rwm" }];
  return [
    { allow: false, access: "rwm" },
    ...STANDARD,
    ...granted.map(ruleFor),
    ...rules.map((rule) => ({ allow: true, ...parseDeviceRule(rule) })),
  ];
}

function ruleFor({ node, access }: GrantedDevice): LinuxDeviceRule {
  const { type, major, minor } = node;
  return {
    allow: true,
    access,
    ...(type === "p" ? {} : { type }),
    ...(major === undefined ? {} : { major }),
    ...(minor === undefined ? {} : { minor }),
  };
}

/** The nodes that the container finds: what it was given, and, where it is privileged, all of the host's. */
export function deviceNodes(
  config: ContainerConfig,
  hostDevices: readonly LinuxDevice[],
  granted: readonly GrantedDevice[],
): readonly LinuxDevice[] {
  const nodes = new Map(
    [...(config.privileged === true ? hostDevices : []), ...granted.map(({ node }) => node)].map((node) => [
      node.path,
      node,
    ]),
  );
  return [...nodes.values()];
}
