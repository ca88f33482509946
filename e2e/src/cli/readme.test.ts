import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import { output, start } from "./voiyd.js";

const README = fileURLToPath(new URL("../../../packages/cli/README.md", import.meta.url));

/** The commands of the README's first example, without the program's name. */
async function example(): Promise<string[][]> {
  const block =
    /## A first example\n+```sh\n(?<lines>[^]*?)```/.exec(await readFile(README, "utf8"))?.groups?.["lines"] ?? "";
  const lines = block.split("\n").filter((line) => line.startsWith("voiyd "));
  return lines.map((line) =>
    Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), (match) => match[1] ?? match[2] ?? "").slice(1),
  );
}

await describeOnHost("the README of voiyd", (test) => {
  test(
    "has an example whose commands all work",
    async (stage) => {
      const web = await stage.publishBusybox("test/readme", {
        config: { cmd: ["sh", "-c", "trap 'exit 0' TERM; echo serving; httpd -f -p 80 -h /www & wait"] },
      });
      const places: Readonly<Record<string, string>> = { busybox: stage.busybox, nginx: web, "8080:80": "0:80" };
      const commands = await example();
      expect(commands.length).toBeGreaterThan(4);
      for (const words of commands) {
        const args = words.map((word) => places[word] ?? word);
        if (!args.includes("-f") || args[0] !== "logs") {
          const text = await output(stage, ...args);
          if (args.includes("hello")) expect(text).toBe("hello, world\n");
          continue;
        }
        const follow = start(stage, args);
        await follow.saw("serving");
        follow.signal("SIGINT");
        await follow.result;
      }
      await stage.main.runtime.removeImage(web);
    },
    { keepsImages: true },
  );
});
