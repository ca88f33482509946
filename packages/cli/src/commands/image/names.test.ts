import { describe, expect, test } from "@jest/globals";
import { type Container, RuntimeError } from "@voiyd/runtime-api";
import { fakeContainer } from "../../testing/fake-container.js";
import { fakeRuntime, type FakeRuntime } from "../../testing/fake-runtime.js";
import { FakeSurroundings } from "../../testing/fake-surroundings.js";

const BUSYBOX = "docker.io/library/busybox:latest";
const ID = "1".repeat(12);

/** Containers are made of BUSYBOX alone, whose id consists of ones. */
function host(overrides: Parameters<typeof fakeRuntime>[1] = {}): [FakeSurroundings, FakeRuntime] {
  const make = async (request: Parameters<FakeRuntime["runtime"]["run"]>[0]): Promise<Container> => {
    const { image } = request.config;
    if (image.length === 64) throw new RuntimeError("INVALID_ARGUMENT", `${image} is no name`);
    if (image !== BUSYBOX) throw new RuntimeError("IMAGE_NOT_FOUND", `${image} is not here`);
    return fakeContainer(request);
  };
  const fake = fakeRuntime([], { run: make, create: make, ...overrides });
  return [new FakeSurroundings(fake.runtime), fake];
}

describe("the id of an image stands for its name", () => {
  test.each([
    [["run", "-d", ID]],
    [["run", "-d", "--pull", "never", ID]],
    [["create", "1111"]],
    [["create", "1".repeat(64)]],
    [["create", `sha256:${"1".repeat(64)}`]],
  ])("in %j, and nothing is pulled", async (argv) => {
    const [around, fake] = host();
    expect([await around.main(...argv), around.stderr.text]).toEqual([0, ""]);
    expect(fake.calls).toEqual([]);
  });

  test.each<[string[], string]>([
    [["tag", ID, "other"], `tag ${BUSYBOX} other`],
    [["save", "-o", "x.tar", ID, "nginx"], `save ${BUSYBOX} nginx`],
    [["rmi", ID], `rmi ${BUSYBOX}`],
  ])("in %j", async (argv, call) => {
    const [around, fake] = host();
    expect(await around.main(...argv)).toBe(0);
    expect(fake.calls).toEqual([call]);
  });

  test.each([[["inspect", ID]], [["inspect", "--type", "image", ID]], [["image", "inspect", ID]]])(
    "in %j",
    async (argv) => {
      const [around] = host();
      expect(await around.main(...argv)).toBe(0);
      expect(JSON.parse(around.stdout.text)).toMatchObject([{ name: BUSYBOX }]);
    },
  );

  test("in history", async () => {
    const asked: string[] = [];
    const [around] = host({
      imageHistory: async (reference) => {
        asked.push(reference);
        return [];
      },
    });
    expect(await around.main("history", ID)).toBe(0);
    expect(asked).toEqual([BUSYBOX]);
  });
});

describe("what only looks like an id", () => {
  test("is a name, and pulled by it", async () => {
    const [around, fake] = host({
      run: async (request) => {
        if (!fake.calls.includes("pull cafe")) throw new RuntimeError("IMAGE_NOT_FOUND", "not here");
        return fakeContainer(request);
      },
    });
    expect(await around.main("run", "-d", "cafe")).toBe(0);
    expect(fake.calls).toEqual(["pull cafe"]);
  });

  test("is refused as it is where no image has it", async () => {
    const [around, fake] = host();
    expect(await around.main("run", "-d", "2".repeat(64))).toBe(125);
    expect(around.stderr.text).toBe(`voiyd: ${"2".repeat(64)} is no name\n`);
    expect(fake.calls).toEqual([]);
  });

  test("and fits several images is refused", async () => {
    const image = (digit: string): Awaited<ReturnType<FakeRuntime["runtime"]["listImages"]>>[number] => ({
      name: `docker.io/library/a${digit}:latest`,
      digest: `sha256:cafe${digit.repeat(60)}`,
      mediaType: "m",
      created: new Date(0),
    });
    const [around, fake] = host({ listImages: async () => [image("1"), image("2")] });
    expect(await around.main("tag", "cafe", "other")).toBe(1);
    expect(around.stderr.text).toContain('"cafe" fits several images');
    expect(fake.calls).toEqual([]);
  });
});
