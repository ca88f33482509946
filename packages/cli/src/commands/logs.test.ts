import { describe, expect, test } from "@jest/globals";
import type { LogEntry, Logs, LogsOptions } from "@voiyd/runtime-api";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeRuntime } from "../testing/fake-runtime.js";
import { FakeSurroundings, NOW } from "../testing/fake-surroundings.js";

const web = fakeContainer({
  meta: { name: "web", labels: { app: "shop" } },
  config: {
    image: "nginx",
    logging: { driver: "local", labels: ["app", "absent"], env: ["A"] },
    envvars: [{ name: "A", value: "1" }],
  },
});

const line = (text: string, time?: string, stream: "stdout" | "stderr" = "stdout"): LogEntry => ({
  kind: "line",
  stream,
  line: new TextEncoder().encode(text),
  ...(time === undefined ? {} : { time: new Date(time) }),
});

const TIMED = [line("one\n", "2026-03-01T12:00:00.000Z"), line("two\n", "2026-03-01T12:01:00.000Z", "stderr")];

function host(entries: (options: LogsOptions) => readonly LogEntry[]): [FakeSurroundings, LogsOptions[]] {
  const asked: LogsOptions[] = [];
  const reading: Logs = {
    logs: async function* (_container, options = {}) {
      asked.push(options);
      yield* entries(options);
    },
  };
  return [new FakeSurroundings(Object.assign(fakeRuntime([web]).runtime, reading)), asked];
}

describe("logs of a runtime that knows lines and times", () => {
  test("are shown stream by stream", async () => {
    const [around] = host(() => TIMED);
    expect(await around.main("logs", "web")).toBe(0);
    expect([around.stdout.text, around.stderr.text]).toEqual(["one\n", "two\n"]);
  });

  test.each<[string[], Partial<LogsOptions>]>([
    [[], { follow: false }],
    [["-f"], { follow: true }],
    [["-n", "5"], { tail: 5 }],
    [["--tail", "0"], { tail: 0 }],
    [["--tail", "all"], {}],
    [["--tail=-1"], {}],
    [["--since", "1m"], { since: new Date(NOW.getTime() - 60_000) }],
    [["--until", "2026-03-01T12:00:00Z"], { until: new Date("2026-03-01T12:00:00Z") }],
  ])("%j asks for %j", async (options, expected) => {
    const [around, asked] = host(() => TIMED);
    expect(await around.main("logs", ...options, "web")).toBe(0);
    const { signal, ...rest } = asked[0] ?? {};
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(rest).toEqual({ follow: false, ...expected });
  });

  test("have their times before them with -t, and what --log-opt names with --details", async () => {
    const [around] = host(() => TIMED);
    expect(await around.main("logs", "-t", "--details", "web")).toBe(0);
    expect(around.stdout.text).toBe("2026-03-01T12:00:00.000Z app=shop,A=1 one\n");
    expect(around.stderr.text).toBe("2026-03-01T12:01:00.000Z app=shop,A=1 two\n");
  });

  test("say what is missing of them", async () => {
    const [around] = host(() => [{ kind: "lost", stream: "stdout", bytes: 7 }]);
    expect(await around.main("logs", "web")).toBe(0);
    expect(around.stderr.text).toBe("voiyd: 7 bytes of the container's stdout are missing here\n");
  });

  test.each([["--tail=some"], ["--tail=1.5"], ["--since=yesterday"], ["--until="]])(
    "%s is refused before anybody is asked",
    async (option) => {
      const [around] = host(() => TIMED);
      expect(await around.main("logs", option, "web")).toBe(1);
      expect(around.stderr.text).toContain("is not valid");
      expect(around.composed).toEqual([]);
    },
  );
});

describe("logs without times", () => {
  const NOTICE = "voiyd: this log has no times: those of containers run with --log-driver local do\n";
  const timeless = ({ since }: LogsOptions): readonly LogEntry[] => (since === undefined ? [line("one\n")] : []);

  test.each<[string[], string, string]>([
    [[], "one\n", ""],
    [["-t"], "one\n", NOTICE],
    [["--until", "1m"], "one\n", NOTICE],
    [["--since", "1m"], "", NOTICE],
    [["--timestamps=false"], "one\n", ""],
  ])("%j: it is said that they have none where they are asked for", async (options, out, err) => {
    const [around] = host(timeless);
    expect(await around.main("logs", ...options, "web")).toBe(0);
    expect([around.stdout.text, around.stderr.text]).toEqual([out, err]);
  });

  test("nothing is said of a log with times in which nothing is new, and of an empty one", async () => {
    const [around] = host(({ since }) => (since === undefined ? TIMED : []));
    expect(await around.main("logs", "--since", "1m", "web")).toBe(0);
    const [empty] = host(() => []);
    expect(await empty.main("logs", "-t", "--since", "1m", "web")).toBe(0);
    expect([around.stderr.text, empty.stderr.text]).toEqual(["", ""]);
  });
});
