import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContainerConfig, invalid } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";
import { APPARMOR_PROFILE, apparmorProfile } from "../spec/apparmor-profile.js";

/** `apparmor(7)`: one loaded profile a line, as `name (enforce)`. */
const LOADED = "/sys/kernel/security/apparmor/profiles";

/**
 * The AppArmor profile that a container gets; undefined for none. Where nothing is asked for, the host's AppArmor is
 * used if it can be; a profile that is asked for and not loaded is `INVALID_ARGUMENT`.
 */
export async function chooseApparmor(
  context: RuntimeContext,
  config: ContainerConfig,
  options: { signal?: AbortSignal },
): Promise<string | undefined> {
  const wanted = config.apparmor ?? (config.privileged === true ? "unconfined" : undefined);
  if (wanted === "unconfined" || context.host.facts.apparmor !== true) return undefined;
  const loaded = await loadedProfiles(context);
  if (wanted !== undefined) {
    if (!loaded.has(wanted)) throw invalid("apparmor", wanted, "unconfined, or a profile that is loaded on this host");
    return wanted;
  }
  if (loaded.has(APPARMOR_PROFILE) || (await loadOwn(context, options))) return APPARMOR_PROFILE;
  return undefined;
}

async function loadedProfiles(context: RuntimeContext): Promise<ReadonlySet<string>> {
  try {
    return parseLoadedProfiles(await context.host.files.read(LOADED));
  } catch (error) {
    if (hasCode(error, "ENOENT", "EACCES", "EPERM")) return new Set();
    throw error;
  }
}

export function parseLoadedProfiles(text: string): ReadonlySet<string> {
  return new Set(
    text
      .split("\n")
      .map((line) => line.replace(/ \([a-z]+\)$/, ""))
      .filter((name) => name !== ""),
  );
}

/** A host on which the profile cannot be loaded keeps the other walls; it is told once. */
async function loadOwn(context: RuntimeContext, options: { signal?: AbortSignal }): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), "voiyd-apparmor-"));
  const file = join(directory, APPARMOR_PROFILE);
  try {
    await writeFile(file, apparmorProfile(), { mode: 0o600 });
    await context.host.command("apparmor_parser", ["--replace", "--", file], options);
    return true;
  } catch (error) {
    options.signal?.throwIfAborted();
    context.logger.warn(
      "the host has AppArmor, and the runtime's profile cannot be loaded: containers run without one",
      { error },
    );
    return false;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
