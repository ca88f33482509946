import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { failureOf } from "../testing/read-all.js";
import type { Credentials } from "./credentials.js";
import { runHelperProgram } from "./credential-helper.js";
import type { HelperRunner } from "./credential-helper.js";
import { dockerConfigCredentials } from "./docker-config.js";

const CANARY = "canary-s3cr3t";
const HUB = "https://index.docker.io/v1/";
let directory: string;
let calls: { name: string; key: string }[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "voiyd-credentials-"));
  calls = [];
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

function basic(user: string, secret: string): string {
  return Buffer.from(`${user}:${secret}`).toString("base64");
}

async function lookUp(
  config: unknown,
  key: string,
  runHelper: HelperRunner = helper({}),
): Promise<Credentials | undefined> {
  await writeFile(join(directory, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
  return await dockerConfigCredentials({
    environment: { DOCKER_CONFIG: directory, PATH: `${directory}:/usr/bin:/bin` },
    runHelper,
  })(key);
}

/** A helper that knows some keys, and notes what it was asked. */
function helper(known: Readonly<Record<string, string>>): HelperRunner {
  return (name, key) => {
    calls.push({ name, key });
    const stdout = known[key];
    return Promise.resolve(
      stdout === undefined
        ? { exitCode: 1, stdout: "credentials not found in native keychain\n" }
        : { exitCode: 0, stdout },
    );
  };
}

describe("Docker's credentials", () => {
  test.each([
    [
      "a user and a password in base64",
      { auth: basic("u", "p:q") },
      { kind: "password", username: "u", password: "p:q" },
    ],
    ["a user and a password", { username: "u", password: "p" }, { kind: "password", username: "u", password: "p" }],
    ["an identity token", { auth: basic("u", ""), identitytoken: "t" }, { kind: "identity-token", token: "t" }],
    ["a registry token", { registrytoken: "t" }, { kind: "registry-token", token: "t" }],
    [
      "a password that ends in NUL, as old tools wrote",
      { auth: basic("u", "p\0") },
      { kind: "password", username: "u", password: "p" },
    ],
    ["nothing", {}, undefined],
  ])("may be %s", async (_, entry, expected) => {
    const source = join(directory, "config.json");
    expect(await lookUp({ auths: { "ghcr.io": entry } }, "ghcr.io")).toEqual(expected && { ...expected, source });
  });

  test.each([
    ["host.io:5000", "host.io:5000"],
    ["host.io:5000", "https://host.io:5000"],
    ["host.io:5000", "http://host.io:5000"],
    ["host.io", "https://host.io/v2/"],
    ["host.io:443", "host.io"],
    [HUB, HUB],
    [HUB, "docker.io"],
    [HUB, "index.docker.io"],
  ])("for %s are found under %s", async (key, written) => {
    expect(await lookUp({ auths: { [written]: { auth: basic("u", "p") } } }, key)).toMatchObject({ username: "u" });
  });

  test.each([
    ["host.io", "other.io"],
    ["host.io:5000", "host.io"],
    ["host.io", "host.io:5000"],
    ["ghcr.io", HUB],
    ["constructor", "x"],
  ])("for %s are not those of %s", async (key, written) => {
    expect(await lookUp({ auths: { [written]: { auth: basic("u", "p") } } }, key)).toBeUndefined();
  });

  test("come from the registry's helper before the common one, and from that before the file", async () => {
    const config = {
      credHelpers: { "a.io": "one" },
      credsStore: "two",
      auths: { "a.io": { auth: basic("file", "p") }, "b.io": { auth: basic("file", "p") } },
    };
    const answer = (user: string): string => JSON.stringify({ Username: user, Secret: "s", ServerURL: "x" });
    const known = helper({ "a.io": answer("helper"), "b.io": answer("store") });
    expect(await lookUp(config, "a.io", known)).toMatchObject({ username: "helper" });
    expect(await lookUp(config, "b.io", known)).toMatchObject({ username: "store" });
    expect(calls).toEqual([
      { name: "one", key: "a.io" },
      { name: "two", key: "b.io" },
    ]);
    expect(await lookUp(config, "b.io")).toMatchObject({ username: "file" });
  });

  test("from a helper may be an identity token", async () => {
    const known = helper({ "a.io": JSON.stringify({ Username: "<token>", Secret: "t" }) });
    expect(await lookUp({ credsStore: "x" }, "a.io", known)).toEqual({
      kind: "identity-token",
      token: "t",
      source: "docker-credential-x",
    });
  });

  test("of Docker Hub are asked from a helper by the whole URL first", async () => {
    await lookUp({ credsStore: "x" }, HUB);
    expect(calls[0]).toEqual({ name: "x", key: HUB });
  });

  test("are taken from a helper that is a program in PATH, which is given the key on its input", async () => {
    const program = join(directory, "docker-credential-voiydtest");
    await writeFile(
      program,
      '#!/bin/sh\nread key\ntest "$1" = get && printf \'{"Username":"%s","Secret":"s"}\' "$key"\n',
      { mode: 0o755 },
    );
    expect(await lookUp({ credsStore: "voiydtest" }, "a.io", runHelperProgram)).toMatchObject({
      kind: "password",
      username: "a.io",
    });
  });

  test("from a helper that is not installed are FAILED_PRECONDITION", async () => {
    const failure = await failureOf(lookUp({ credsStore: "voiyd-is-not-there" }, "a.io", runHelperProgram));
    expect(failure).toMatchObject({ code: "FAILED_PRECONDITION", message: expect.stringContaining("not installed") });
  });

  test.each(["../evil", "a/b", "", "-x", "a b", "a\0"])("never start a helper by the name %j", async (name) => {
    const failure = await failureOf(lookUp({ credHelpers: { "a.io": name } }, "a.io"));
    expect(failure.code).toBe("FAILED_PRECONDITION");
    expect(calls).toEqual([]);
  });

  test.each([
    ["fails", () => Promise.resolve({ exitCode: 2, stdout: `${CANARY} exploded` })],
    ["answers nonsense", () => Promise.resolve({ exitCode: 0, stdout: `{"Secret":"${CANARY}` })],
    ["has no user", () => Promise.resolve({ exitCode: 0, stdout: JSON.stringify({ Secret: CANARY }) })],
  ])("from a helper that %s are an error that shows no secret and tells what was tried", async (_, run) => {
    const failure = await failureOf(lookUp({ credsStore: "keys" }, "a.io", run));
    expect(failure.code).toBe("FAILED_PRECONDITION");
    expect(failure.message).toContain("docker-credential-keys");
    expect(inspect(failure, { depth: 10 })).not.toContain(CANARY);
  });

  test("in a file that is no JSON are an error that shows nothing of it", async () => {
    const failure = await failureOf(lookUp(`{"auths":{"a.io":{"auth":"${CANARY}"}`, "a.io"));
    expect(failure.code).toBe("FAILED_PRECONDITION");
    expect(inspect(failure, { depth: 10 })).not.toContain(CANARY);
  });

  test.each(["bm8tY29sb24=", "!!!", 7, ""])("that are written as %j are passed over", async (auth) => {
    const read = lookUp({ auths: { "a.io": { auth } } }, "a.io");
    if (typeof auth === "string") expect(await read).toBeUndefined();
    else expect((await failureOf(read)).code).toBe("FAILED_PRECONDITION");
  });

  test("of Podman are read when Docker has none, below the runtime directory", async () => {
    await mkdir(join(directory, "containers"));
    await writeFile(
      join(directory, "containers", "auth.json"),
      JSON.stringify({ auths: { "quay.io": { auth: basic("podman", "p") } } }),
    );
    const provider = dockerConfigCredentials({
      environment: { DOCKER_CONFIG: join(directory, "none"), XDG_RUNTIME_DIR: directory },
      runHelper: helper({}),
    });
    expect(await provider("quay.io")).toMatchObject({ username: "podman" });
    expect(await provider("ghcr.io")).toBeUndefined();
  });
});
