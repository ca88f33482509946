import { describe, expect, test } from "@jest/globals";
import { type ContainerEvent, type EventsOptions, generateId } from "@voiyd/runtime-api";
import { fakeRuntime } from "../testing/fake-runtime.js";
import { FakeSurroundings } from "../testing/fake-surroundings.js";

const id = generateId();
const died: ContainerEvent = {
  action: "die",
  time: new Date("2026-03-01T12:00:00.250Z"),
  id,
  name: "web",
  image: "docker.io/library/nginx:latest",
  labels: { tier: "front\u001b[2J", name: "other" },
  synthetic: true,
  exitCode: 137,
};

function host(told: readonly ContainerEvent[] = [died]): [FakeSurroundings, EventsOptions[]] {
  const asked: EventsOptions[] = [];
  const { runtime } = fakeRuntime([], {
    events: async function* (options = {}) {
      asked.push(options);
      yield* told;
    },
  });
  return [new FakeSurroundings(runtime), asked];
}

describe("events", () => {
  test("are told as Docker tells them, and cannot steer a terminal", async () => {
    const [around] = host();
    expect(await around.main("events")).toBe(0);
    expect(around.stdout.text).toBe(
      `2026-03-01T12:00:00.250Z container die ${id} (tier=front\\x1b[2J, name=web, exitCode=137, ` +
        "image=docker.io/library/nginx:latest, synthetic=true)\n",
    );
  });

  test("are objects with Docker's keys for --format json", async () => {
    const [around] = host();
    await around.main("events", "--format", "json");
    expect(JSON.parse(around.stdout.text)).toMatchObject({
      status: "die",
      Type: "container",
      Actor: { ID: id, Attributes: { exitCode: "137", name: "web" } },
      time: 1772366400,
      timeNano: 1772366400250000000,
    });
  });

  test("are what a template says, for --format with one", async () => {
    const [around] = host();
    const template =
      "{{.Type}} {{.Action}} {{.Status}} {{.From}} {{.Scope}} {{.Time}} {{.TimeNano}} {{.Actor.Attributes.tier}}\\t";
    expect(await around.main("events", "--format", template)).toBe(0);
    expect(around.stdout.text).toBe(
      "container die die docker.io/library/nginx:latest local 1772366400 1772366400250000000 front\\x1b[2J\\t\n",
    );
    const [again] = host();
    await again.main("events", "--format", "{{if eq .ID .Actor.ID}}{{json .}}{{end}}");
    const [json] = host();
    await json.main("events", "--format", "json");
    expect(again.stdout.text).toBe(json.stdout.text);
  });

  test("since, until and filters are passed on", async () => {
    const [around, asked] = host([]);
    const filters = [
      "container=web",
      "event=die",
      "event=start",
      "image=nginx",
      "label=a=b",
      "label=c",
      "type=container",
    ];
    await around.main("events", "--since", "5m", "--until", "1772366700", ...filters.flatMap((text) => ["-f", text]));
    expect(asked).toEqual([
      {
        since: new Date("2026-03-01T12:00:00.000Z"),
        until: new Date("2026-03-01T12:05:00.000Z"),
        filters: { containers: ["web"], actions: ["die", "start"], images: ["nginx"], labels: { a: "b", c: "" } },
        signal: expect.any(AbortSignal),
      },
    ]);
  });

  test.each([
    [["--format", "yaml"], "--format"],
    [["--format", "{{.ID"], "not closed"],
    [["--since", "soon"], "--since"],
    [["--filter", "volume=x"], "--filter"],
    [["--filter", "type=network"], "only containers"],
    [["--filter", "event=explode"], "event=explode"],
    [["--filter", "die"], "--filter"],
    [["web"], "takes no arguments"],
  ])("refuses %j", async (args, message) => {
    const [around, asked] = host();
    expect(await around.main("events", ...args)).toBe(1);
    expect(around.stderr.text).toContain(message);
    expect(asked).toEqual([]);
  });
});
