import type { Device } from "../device.js";
import { invalid } from "./invalid.js";
import { assertAbsolutePath } from "./path.js";

const PERMISSIONS = /^(?=[rwm]{1,3}$)(?!.*(.).*\1)/;
/** Container Device Interface, "Kind and device names". */
const CDI_NAME =
  /^[a-zA-Z](?:[a-zA-Z0-9_.-]*[a-zA-Z0-9])?\/[a-zA-Z](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?=[a-zA-Z0-9](?:[a-zA-Z0-9_.:-]*[a-zA-Z0-9])?$/;
const RULE = /^([acb]) (\d{1,7}|\*):(\d{1,7}|\*) ([rwm]{1,3})$/;

/** A rule of the device control group. Numbers that are absent stand for all. */
export interface ParsedDeviceRule {
  readonly type: "a" | "b" | "c";
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

/** Throws `INVALID_ARGUMENT` for devices that cannot be. Whether the host has them is for the runtime to find out. */
export function assertDevices(devices: readonly Device[]): void {
  devices.forEach((device, index) => {
    const option = `devices[${String(index)}]`;
    if ("cdi" in device) {
      if (!CDI_NAME.test(device.cdi))
        throw invalid(`${option}.cdi`, device.cdi, "a qualified name, vendor.com/class=name");
      return;
    }
    assertAbsolutePath(`${option}.path`, device.path);
    if (device.destination !== undefined) assertAbsolutePath(`${option}.destination`, device.destination);
    if (device.permissions !== undefined && !PERMISSIONS.test(device.permissions)) {
      throw invalid(`${option}.permissions`, device.permissions, "made of r, w and m, each at most once");
    }
  });
}

/** Reads `type major:minor permissions`, as `c 13:* rwm`. Throws `INVALID_ARGUMENT`. */
export function parseDeviceRule(text: string, option = "deviceCgroupRules"): ParsedDeviceRule {
  const [, type, major, minor, access] = RULE.exec(text) ?? [];
  if ((type !== "a" && type !== "b" && type !== "c") || access === undefined) {
    throw invalid(option, text, 'written as "type major:minor permissions", for example "c 13:* rwm"');
  }
  return {
    type,
    ...(major === undefined || major === "*" ? {} : { major: Number(major) }),
    ...(minor === undefined || minor === "*" ? {} : { minor: Number(minor) }),
    access,
  };
}
