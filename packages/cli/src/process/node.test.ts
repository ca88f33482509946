import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { nodeSurroundings } from "./node.js";

test("the program is started again as it says of itself: its own arguments stand before the others", async () => {
  const folder = await mkdtemp(join(tmpdir(), "voiyd-self-"));
  const file = join(folder, "told");
  const script = 'printf "%s\\n" "$PWD" "$@" >"$0.part" && mv "$0.part" "$0"';
  const surroundings = nodeSurroundings({ program: ["/bin/sh", "-c", script, file, "own"], version: () => "1.2.3" });
  await surroundings.spawnSelf(["a b", "__reap"]);
  const told = async (): Promise<string | undefined> => readFile(file, "utf8").catch(() => undefined);
  while ((await told()) === undefined) await sleep(10);
  expect(await told()).toBe("/\nown\na b\n__reap\n");
  await rm(folder, { recursive: true });
});
