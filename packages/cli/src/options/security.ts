import { invalid } from "@voiyd/runtime-api";

/**
 * Whether `--security-opt` asks for no new privileges. Docker's default is not to: `su` and `ping` work in an image as
 * their users expect. Throws `INVALID_ARGUMENT` for any other option.
 */
export function parseNoNewPrivileges(options: readonly string[]): boolean {
  let wanted = false;
  for (const option of options) {
    const match = /^no-new-privileges(?:[=:](true|false))?$/.exec(option);
    if (match === null) throw invalid("--security-opt", option, "no-new-privileges");
    wanted = match[1] !== "false";
  }
  return wanted;
}
