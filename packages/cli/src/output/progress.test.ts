import { describe, expect, test } from "@jest/globals";
import type { PullProgress } from "@voiyd/runtime-api";
import { FakeOutput } from "../testing/fake-surroundings.js";
import { createProgressView } from "./progress.js";

const LAYER = `sha256:${"ab".repeat(32)}`;

const EVENTS: readonly PullProgress[] = [
  { phase: "resolving", subject: "busybox", kind: "image" },
  { phase: "downloading", subject: LAYER, kind: "layer", current: 0, total: 2_000_000 },
  { phase: "downloading", subject: LAYER, kind: "layer", current: 1_000_000, total: 2_000_000 },
  { phase: "unpacking", subject: LAYER, kind: "layer" },
  { phase: "done", subject: LAYER, kind: "layer", existed: true },
  { phase: "done", subject: "busybox", kind: "image" },
];

async function draw(output: FakeOutput, events: readonly PullProgress[], stepMs = 1000): Promise<string> {
  let time = 0;
  const view = createProgressView(output, () => new Date((time += stepMs)));
  for (const event of events) view.report(event);
  await view.finish();
  return output.text;
}

describe("the progress of a pull", () => {
  test("is a line for each step where there is no terminal", async () => {
    expect(await draw(new FakeOutput(), EVENTS)).toBe(
      [
        "busybox: resolving",
        "abababababab: downloading",
        "abababababab: unpacking",
        "abababababab: already here",
        "busybox: done",
        "",
      ].join("\n"),
    );
  });

  test("is a bar for each layer on a terminal, drawn over the last ones", async () => {
    const text = await draw(new FakeOutput(true), EVENTS.slice(0, 3));
    expect(text).toContain("\r\u001b[Kabababababab: downloading  [==============>               ] 1MB/2MB\n");
    expect(text).toContain("\u001b[2A\r\u001b[Kbusybox: resolving\n");
  });

  test("is not drawn more often than an eye can see", async () => {
    const many = Array.from({ length: 1000 }, (_, current): PullProgress => ({
      phase: "downloading",
      subject: LAYER,
      kind: "layer",
      current,
      total: 1000,
    }));
    const output = new FakeOutput(true);
    await draw(output, many, 1);
    expect(output.chunks.length).toBeLessThanOrEqual(1000 / 80 + 2);
  });

  test("never draws more lines than the terminal has, and keeps what is under way", async () => {
    const many = Array.from({ length: 40 }, (_, index): PullProgress => ({
      phase: index < 3 ? "unpacking" : "done",
      subject: `layer${index}`,
      kind: "layer",
    }));
    const last = (await draw(new FakeOutput(true), many)).split("\u001b[23A").at(-1) ?? "";
    expect(last.split("\n")).toHaveLength(24);
    expect(last).toContain("layer0: unpacking");
    expect(last).not.toContain("layer3: done");
  });

  test("cannot steer the terminal", async () => {
    expect(await draw(new FakeOutput(), [{ phase: "resolving", subject: "\u001b[2J", kind: "image" }])).toBe(
      "\\x1b[2J: resolving\n",
    );
  });

  test("fails at its end when nobody reads it", async () => {
    const output = new FakeOutput();
    output.failure = new Error("gone");
    await expect(draw(output, EVENTS)).rejects.toThrow("gone");
  });
});
