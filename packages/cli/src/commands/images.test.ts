import { describe, expect, test } from "@jest/globals";
import { type Image, RuntimeError } from "@voiyd/runtime-api";
import { fakeRuntime } from "../testing/fake-runtime.js";
import { FakeSurroundings } from "../testing/fake-surroundings.js";

const IMAGES: readonly Image[] = [
  ["docker.io/library/busybox:1.36", "1"],
  ["docker.io/library/busybox:latest", "2"],
  ["docker.io/library/lazybox:latest", "2"],
  ["docker.io/library/nginx@sha256:3", "3"],
  ["ghcr.io/owner/app:v1", "4"],
  ["localhost:5000/app:v1", "5"],
].map(([name = "", digit = ""]) => ({
  name,
  digest: `sha256:${digit.repeat(64)}`,
  mediaType: "m",
  size: 1000,
  created: new Date(Date.UTC(2026, 1, Number(digit))),
}));

function host(): FakeSurroundings {
  const { runtime } = fakeRuntime([], {
    listImages: async () => [...IMAGES],
    getImage: async (reference) => {
      const found = IMAGES.find(({ name }) => name === `docker.io/library/${reference}`);
      if (found === undefined) throw new RuntimeError("IMAGE_NOT_FOUND", `there is no image "${reference}"`);
      return found;
    },
    inspectImage: async (name) => {
      if (name.includes("nginx")) throw new RuntimeError("IMAGE_PLATFORM_MISMATCH", "for another machine");
      const details = await fakeRuntime().runtime.inspectImage(name);
      const labels: Readonly<Record<string, string>> = name.includes("app") ? { kind: "app", vendor: "o" } : {};
      return { ...details, config: { ...details.config, labels } };
    },
  });
  return new FakeSurroundings(runtime);
}

async function shown(...argv: readonly string[]): Promise<string> {
  const around = host();
  expect([await around.main("images", ...argv), around.stderr.text]).toEqual([0, ""]);
  const [, ...lines] = around.stdout.text.trimEnd().split("\n");
  return lines
    .map((line) => line.split(/ +/).slice(0, 2).join(":"))
    .sort()
    .join(" ");
}

describe("images", () => {
  test.each<[string[], string]>([
    [["busybox"], "busybox:1.36 busybox:latest"],
    [["busybox:latest"], "busybox:latest"],
    [["docker.io/library/busybox"], "busybox:1.36 busybox:latest"],
    [["docker.io/library/busybox:1.36"], "busybox:1.36"],
    [["busy"], ""],
    [["*box:latest"], "busybox:latest lazybox:latest"],
    [["?azybox"], "lazybox:latest"],
    [["[kl]azybox"], "lazybox:latest"],
    [["*:v1"], ""],
    [["*/*:v1"], "localhost:5000/app:v1"],
    [["*/*/app"], "ghcr.io/owner/app:v1"],
    [["nginx"], "nginx:<none>"],
    [["-f", "reference=busybox:1*"], "busybox:1.36"],
    [["-f", "reference=lazybox", "-f", "reference=nginx"], "lazybox:latest nginx:<none>"],
    [["-f", "dangling=true"], "nginx:<none>"],
    [["-f", "dangling=false", "nginx"], ""],
    [["-f", "label=kind=app"], "ghcr.io/owner/app:v1 localhost:5000/app:v1"],
    [["-f", "label=kind", "-f", "label=vendor=x"], ""],
    [["-f", "before=busybox:latest"], "busybox:1.36"],
    [["-f", "since=busybox:latest"], "ghcr.io/owner/app:v1 localhost:5000/app:v1 nginx:<none>"],
    [["-f", "since=333333", "-f", "before=5555"], "ghcr.io/owner/app:v1"],
    [["-a", "lazybox"], "lazybox:latest"],
  ])("%j shows %j", async (argv, expected) => {
    expect(await shown(...argv)).toBe(expected);
  });

  test("show their digests in full length with --digests", async () => {
    const around = host();
    expect(await around.main("images", "--digests", "lazybox")).toBe(0);
    const [header, line] = around.stdout.text.split("\n");
    expect(header).toMatch(/^REPOSITORY +TAG +DIGEST +IMAGE ID +CREATED +SIZE$/);
    expect(line).toMatch(new RegExp(`^lazybox +latest +sha256:${"2".repeat(64)} +${"2".repeat(12)} `));
  });

  test.each([
    [["-f", "colour=red"], "before, dangling, label, reference, since"],
    [["-f", "dangling=maybe"], "dangling=true or dangling=false"],
    [["-f", "reference=[b-a]"], "the name of an image"],
  ])("%j is refused", async (argv, hint) => {
    const around = host();
    expect(await around.main("images", ...argv)).toBe(1);
    expect(around.stderr.text).toContain(hint);
    expect(around.composed).toEqual([]);
  });

  test("an image to compare with has to be here", async () => {
    const around = host();
    expect(await around.main("images", "-f", "since=nothing")).toBe(1);
    expect(around.stderr.text).toBe('voiyd: there is no image "nothing" to compare with\n');
  });
});
