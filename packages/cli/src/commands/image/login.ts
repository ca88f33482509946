import { RuntimeError } from "@voiyd/runtime-api";
import { UsageError } from "../../command-line/usage-error.js";
import { escapeText } from "../../output/escape.js";
import type { Command } from "../command.js";
import { registryName } from "./registry-name.js";

const LONGEST_PASSWORD = 64 * 1024;

/** `voiyd login`. */
export const login: Command = {
  usage: "login [OPTIONS] [REGISTRY]",
  summary: "Log in to a registry",
  options: {
    username: { kind: "value", short: "u", value: "NAME", help: "who you are there" },
    password: {
      kind: "value",
      short: "p",
      value: "SECRET",
      help: "better not: others see it in the list of processes",
    },
    "password-stdin": { kind: "flag", help: "read the password from standard input" },
  },
  operands: [0, 1],
  async execute({ args, settings, signal, surroundings }) {
    const registry = registryName(args.operands[0]);
    const username = args.value("username");
    const given = args.value("password");
    if (username === undefined) throw new UsageError("login needs a user name", "give -u NAME");
    if ((given === undefined) === !args.flag("password-stdin"))
      throw new UsageError("login needs one password", "give --password-stdin, and the password on standard input");
    const password = given ?? (await readPassword(surroundings.openInput(undefined)));
    if (given !== undefined)
      await surroundings.stderr.write(
        "voiyd: a password on the command line is seen by others; use --password-stdin\n",
      );

    const { createRegistrySource, hostsFromFolders, storeCredentials } = await import("@voiyd/oci-registry");
    const { hostsDirs, insecureRegistries } = settings.registry;
    const credentials = { kind: "password", username, password } as const;
    await using source = createRegistrySource({
      credentials: () => Promise.resolve(credentials),
      hosts: hostsFromFolders({ folders: hostsDirs, insecureRegistries }),
      insecureRegistries,
    });
    await source.checkAccess(registry, { signal });
    const { place } = await storeCredentials(registry, credentials, { environment: surroundings.env });
    await surroundings.stdout.write(`Login Succeeded (${escapeText(place)})\n`);
    return 0;
  },
};

/** The first line; what follows a line end is nobody's password. */
async function readPassword(input: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of input) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LONGEST_PASSWORD) throw new RuntimeError("INVALID_ARGUMENT", "the password is too long");
  }
  const password = (text + decoder.decode()).replace(/\r?\n[^]*$/, "");
  if (password === "") throw new RuntimeError("INVALID_ARGUMENT", "the password is empty");
  return password;
}
