import type { LinuxDeviceRule } from "./oci.js";

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

/** The rules of the device control group, in order: the last that fits wins. */
export function deviceRules(privileged: boolean): readonly LinuxDeviceRule[] {
  return privileged ? [{ allow: true, access: "rwm" }] : [{ allow: false, access: "rwm" }, ...STANDARD];
}
