import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@jest/globals";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { shims } from "../faults/tools/shim-control.js";
import { sleeper } from "./sleeper.js";

await describeOnHost("how containers end", (test) => {
  test("F12: what was never started has not ended well", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run(sleeper(stage, "f12"));
    const refused = Array.from({ length: 5 }, () => refusal(runtime.exec("f12", { args: ["no-such-command"] })));
    for (const answer of await Promise.all(refused)) expect(answer.code).toBe("COMMAND_NOT_FOUND");
    await runtime.delete("f12");
    const request = sleeper(stage, "f12");
    await runtime.create({ ...request, config: { ...request.config, args: ["no-such-command"] } });
    expect((await refusal(runtime.start("f12"))).code).toBe("COMMAND_NOT_FOUND");
    expect((await runtime.get("f12")).status.exitCode).not.toBe(0);
    await runtime.delete("f12");
  });

  test("F15: an exit while the daemon is away is known afterwards", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "f15" },
      config: { image: stage.busybox, args: ["sh", "-c", "sleep 1; exit 7"], network: "none" },
    });
    const waiting = runtime.wait("f15");
    await stage.host.stop("kill");
    await sleep(2_000);
    await stage.host.start();
    expect(await waiting).toMatchObject({ exitCode: 7 });
    expect((await runtime.get("f15")).status).toMatchObject({ phase: "exited", exitCode: 7 });
    await runtime.delete("f15");
  });

  test("F15: a wait outlives a restart of the daemon and of the client", async (stage) => {
    await stage.main.runtime.run({
      meta: { name: "f15b" },
      config: { image: stage.busybox, args: ["sh", "-c", "sleep 2; exit 9"], network: "none" },
    });
    await using other = stage.open();
    const waiting = other.runtime.wait("f15b");
    await stage.host.restart("terminate");
    expect(await waiting).toMatchObject({ exitCode: 9 });
    await stage.main.runtime.delete("f15b");
  });

  test("F16: an exit that nobody can know is unknown, not a number", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run(sleeper(stage, "f16"));
    const waiting = runtime.wait("f16");
    for (const pid of await shims(stage)) process.kill(pid, "SIGKILL");
    const exit = await waiting;
    // The daemon may have seen the end of the process it killed: then, and only then, there is a code.
    expect(exit.exitCode === "unknown" || exit.exitCode === 137).toBe(true);
    await runtime.delete("f16");
  });
});
