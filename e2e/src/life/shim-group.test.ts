import { expect } from "@jest/globals";
import type { ContainerRequest } from "@voiyd/runtime-api";
import { ShimControl, shims } from "../faults/tools/shim-control.js";
import { textOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { untilTrue } from "./box.js";

const GROUP = "io.containerd.runc.v2.group";

/** Says its name, and ends with the code 5 when it is asked to. */
function member({ busybox }: Stage, name: string): ContainerRequest {
  const script = `trap 'exit 5' TERM; echo ${name}; while :; do sleep 0.05; done`;
  const config = { image: busybox, args: ["sh", "-c", script], network: "none", annotations: { [GROUP]: "team" } };
  return { meta: { name }, config };
}

/** What a further process in it tells of its first one. */
async function command({ main }: Stage, name: string): Promise<string> {
  await using process = await main.runtime.exec(name, { args: ["cat", "/proc/1/cmdline"] });
  const [stdout, { exitCode }] = await Promise.all([textOf(process.stdout), process.exited]);
  expect(exitCode).toBe(0);
  return stdout;
}

await describeOnHost("containers that share a shim, because their annotations name one group", (test) => {
  test("have one for all of them, and each lives and ends by itself", async (stage) => {
    const { runtime } = stage.main;
    const names = ["first", "second", "third"];
    for (const name of names) await runtime.run(member(stage, name));
    await runtime.run({
      meta: { name: "alone" },
      config: { image: stage.busybox, args: ["sleep", "1000"], network: "none" },
    });
    expect(await shims(stage)).toHaveLength(2);
    for (const name of names) expect(await command(stage, name)).toContain(`echo ${name}`);

    // The shim has the first one's name, and works in its bundle.
    await runtime.delete("first");
    expect(await runtime.recover()).toMatchObject({ found: [], failed: [] });
    await runtime.stop("third");
    expect((await runtime.wait("third")).exitCode).toBe(5);
    expect(await command(stage, "second")).toContain("echo second");

    await runtime.start("third");
    await untilTrue(async () => {
      const { stdout } = await runtime.io("third");
      return (await textOf(stdout)) === "third\nthird\n";
    });
    expect(await command(stage, "third")).toContain("echo third");
    expect(await shims(stage)).toHaveLength(2);
    await runtime.delete("second");
    await runtime.delete("third");
    expect(await shims(stage)).toHaveLength(1);
    await runtime.delete("alone");
  });

  test("end together when it is killed, and nothing is left of them", async (stage) => {
    const { runtime } = stage.main;
    for (const name of ["first", "second"]) await runtime.run(member(stage, name));
    const shim = await ShimControl.of(stage, await runtime.id("first"));
    await shim.kill();
    for (const name of ["first", "second"]) {
      await untilTrue(async () => (await runtime.get(name)).status.phase === "exited");
      expect((await runtime.wait(name)).exitCode).not.toBe(0);
    }
    await runtime.run(member(stage, "third"));
    expect(await command(stage, "third")).toContain("echo third");
    for (const name of ["first", "second", "third"]) await runtime.delete(name);
    expect(await shims(stage)).toEqual([]);
  });
});
