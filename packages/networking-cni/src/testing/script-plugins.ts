import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isJsonObject, objectAt, parseJson, stringAt, type JsonObject } from "../protocol/json.js";

/** What a script plugin does instead of its work. */
export type Misbehaviour =
  | "fails"
  | "hangs"
  | "crashes"
  | "prints garbage and succeeds"
  | "prints garbage and fails"
  | "prints nothing and succeeds"
  | "prints nothing and fails"
  | "prints without end";

/** A call that a script plugin got. */
export interface ScriptCall {
  readonly call: string;
  readonly stdin: JsonObject;
}

// A result says in its `dns.domain` which plugin it is from. What hangs has a child, which only its group's end ends.
const SCRIPT = `#!/bin/sh
plugin=\${0##*/}
dir=\${0%/*}/..
input=$(cat)
if [ "$CNI_COMMAND" = VERSION ]; then
  echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'
  exit 0
fi
printf '%s %s %s\\n' "$CNI_COMMAND" "$plugin" "$input" >> "$dir/calls"
case "$(cat "$dir/$CNI_COMMAND-$plugin" 2>/dev/null)" in
  fails) echo '{"cniVersion":"1.0.0","code":101,"msg":"no luck"}'; exit 1 ;;
  hangs) sleep 3600 & echo $! >> "$dir/sleepers"; wait ;;
  crashes) kill -SEGV $$ ;;
  'prints garbage and succeeds') echo '<html>'; exit 0 ;;
  'prints garbage and fails') echo 'panic: runtime error {'; exit 2 ;;
  'prints nothing and succeeds') exit 0 ;;
  'prints nothing and fails') exit 3 ;;
  'prints without end') exec cat /dev/zero ;;
esac
[ "$CNI_COMMAND" = ADD ] || exit 0
cat <<END
{"cniVersion":"1.0.0","interfaces":[{"name":"$CNI_IFNAME","sandbox":"$CNI_NETNS"}],
 "ips":[{"address":"10.0.0.2/24","interface":0}],"dns":{"domain":"$plugin"}}
END
`;

/** Plugins that are shell scripts, run as real processes; each does its work until it is told otherwise. */
export class ScriptPlugins {
  readonly binDir: string;
  readonly #dir: string = mkdtempSync(join(tmpdir(), "voiyd-scripts-"));

  constructor(types: readonly string[]) {
    this.binDir = join(this.#dir, "bin");
    mkdirSync(this.binDir);
    for (const type of types) {
      writeFileSync(join(this.binDir, type), SCRIPT);
      chmodSync(join(this.binDir, type), 0o755);
    }
  }

  /** From now on the plugin does this at that command. */
  spoil(command: "ADD" | "DEL", plugin: string, misbehaviour: Misbehaviour): void {
    writeFileSync(join(this.#dir, `${command}-${plugin}`), misbehaviour);
  }

  /** It does its work again. */
  mend(command: "ADD" | "DEL", plugin: string): void {
    rmSync(join(this.#dir, `${command}-${plugin}`), { force: true });
  }

  /** The calls since the last time this was asked. */
  takeCalls(): readonly ScriptCall[] {
    const file = join(this.#dir, "calls");
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").trim().split("\n");
    rmSync(file);
    return lines.map((line) => {
      const [command = "", plugin = "", ...input] = line.split(" ");
      const stdin = parseJson(input.join(" "));
      return { call: `${command} ${plugin}`, stdin: isJsonObject(stdin) ? stdin : {} };
    });
  }

  /** Waits until a plugin hangs. */
  async hanging(): Promise<void> {
    while (!existsSync(join(this.#dir, "sleepers"))) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Removes them. */
  remove(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** The processes of plugins that hung and still live. */
  survivors(): readonly string[] {
    const file = join(this.#dir, "sleepers");
    const pids = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    // Empty where the plugin was ended before it could say whom it had started.
    return pids.filter((pid) => pid !== "" && isRunning(pid));
  }
}

/** A dead process that its new parent has not yet looked after is dead all the same. */
function isRunning(pid: string): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}

/** Which plugin the earlier result of a call was from. */
export function resultFrom({ stdin }: ScriptCall): string | undefined {
  return stringAt(objectAt(objectAt(stdin, "prevResult") ?? {}, "dns") ?? {}, "domain");
}
