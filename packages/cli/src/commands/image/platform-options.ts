import type { Arguments } from "../../command-line/arguments.js";
import type { OptionTable } from "../../command-line/option-table.js";
import { isOff, isOneOf, refusedOption } from "../../command-line/refused-option.js";
import { UsageError } from "../../command-line/usage-error.js";

export const PLATFORM_OPTIONS: OptionTable = {
  platform: { kind: "value", value: "PLATFORM", help: "the image for this platform, as linux/arm64" },
  "all-platforms": { kind: "flag", help: "the images for all platforms" },
};

/** What `pull` and `push` of Docker take, and these do not follow. */
export const REGISTRY_REFUSALS: OptionTable = {
  "all-tags": refusedOption("flag", "each tag is named by itself", isOff, "a"),
  "disable-content-trust": refusedOption(
    "flag",
    "images are verified by their digests, and by no notary",
    isOneOf("true"),
  ),
};

/** Throws {@link UsageError} when both are given. */
export function platformOptions(args: Arguments): { readonly platform?: string; readonly allPlatforms?: true } {
  const platform = args.value("platform");
  const all = args.flag("all-platforms");
  if (platform !== undefined && all) throw new UsageError("--platform and --all-platforms exclude each other");
  return { ...(platform !== undefined && { platform }), ...(all && { allPlatforms: true }) };
}
