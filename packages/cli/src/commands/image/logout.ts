import { escapeText } from "../../output/escape.js";
import type { Command } from "../command.js";
import { registryName } from "./registry-name.js";

/** `voiyd logout`. */
export const logout: Command = {
  usage: "logout [REGISTRY]",
  summary: "Log out from a registry",
  options: {},
  operands: [0, 1],
  async execute({ args, surroundings: { env, stdout } }) {
    const registry = registryName(args.operands[0]);
    const { eraseCredentials } = await import("@voiyd/oci-registry");
    const found = await eraseCredentials(registry, { environment: env });
    const name = escapeText(registry);
    await stdout.write(found ? `Removing login credentials for ${name}\n` : `Not logged in to ${name}\n`);
    return 0;
  },
};
