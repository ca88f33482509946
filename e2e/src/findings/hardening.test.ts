import { expect } from "@jest/globals";
import { outputOf, refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { sleeper } from "./sleeper.js";

await describeOnHost("what others may ask of containerd through us", (test) => {
  test("F19: no label of a user reaches containerd's own plugins", async (stage) => {
    const labels = { "containerd.io/restart.status": "running", "containerd.io/restart.loguri": "binary:///bin/false" };
    const answer = await refusal(
      stage.main.runtime.run({ meta: { name: "f19", labels }, config: { image: stage.busybox, args: ["true"] } }),
    );
    expect(answer).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("F20: a container is under seccomp, has fourteen capabilities and gains no privileges", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "f20" },
      config: {
        image: stage.busybox,
        args: [
          "sh",
          "-c",
          "grep -E '^(Seccomp|NoNewPrivs|CapEff|CapInh|CapAmb):' /proc/self/status; unshare -U true || echo refused",
        ],
        network: "none",
      },
    });
    const { stdout } = await outputOf(runtime, "f20");
    expect(stdout).toContain("Seccomp:\t2\n");
    expect(stdout).toContain("NoNewPrivs:\t1\n");
    expect(stdout).toContain("CapEff:\t00000000a80425fb\n");
    expect(stdout).toContain("CapInh:\t0000000000000000\n");
    expect(stdout).toContain("CapAmb:\t0000000000000000\n");
    expect(stdout).toContain("refused\n");
    await runtime.delete("f20");
  });

  test("F20: names with dots, and names that begin like others, are told apart", async (stage) => {
    const { runtime } = stage.main;
    for (const name of ["a", "a.b", "a.b.c"]) await runtime.run(sleeper(stage, name));
    for (const name of ["a", "a.b", "a.b.c"]) expect((await runtime.get(name)).meta.name).toBe(name);
    expect(await refusal(runtime.get("a."))).toMatchObject({ code: "NOT_FOUND" });
    for (const name of ["a", "a.b", "a.b.c"]) await runtime.delete(name);
  });
});
