import type { Contender } from "../scenario.js";
import type { Stage } from "../stage/stage.js";
import { timed } from "../measure/timed.js";
import { runProgram } from "./program.js";

/** What an engine wants to hear before it takes an image from a registry without TLS. */
export function insecureOptions(engine: string): { before: readonly string[]; pull: readonly string[] } {
  return {
    before: engine === "nerdctl" ? ["--insecure-registry"] : [],
    pull: engine === "podman" ? ["--tls-verify=false"] : [],
  };
}

/** `docker run -d`, or another engine's, as a contender. The image is pulled first. */
export async function engineRun(
  stage: Stage,
  engine: { name: string; path: string },
  options: readonly string[],
): Promise<Contender> {
  const { name, path } = engine;
  const { before, pull } = insecureOptions(name);
  await runProgram(path, [...before, "pull", ...pull, stage.busybox], stage);
  return {
    name: `${name} run -d`,
    role: "peer",
    async sample() {
      let id = "";
      const milliseconds = await timed(async () => {
        id = (await runProgram(path, ["run", "-d", ...options, stage.busybox, "sleep", "3600"], stage)).trim();
      });
      await runProgram(path, ["rm", "-f", id], stage);
      return milliseconds;
    },
  };
}
