import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failureOf } from "../testing/read-all.js";
import type { HelperRunner } from "./credential-helper.js";
import type { Credentials } from "./credentials.js";
import { dockerConfigCredentials } from "./docker-config.js";
import { eraseCredentials, storeCredentials } from "./store-credentials.js";

const CREDENTIALS: Credentials = { kind: "password", username: "ada", password: "canary:secret" };
let folder: string;
let environment: Record<string, string>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "voiyd-login-"));
  environment = { DOCKER_CONFIG: join(folder, "docker") };
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});
const path = () => join(folder, "docker", "config.json");

describe("credentials that are stored", () => {
  test("are found again, in a file that only its owner can read", async () => {
    expect(await storeCredentials("r.example:5000", CREDENTIALS, { environment })).toEqual({ place: path() });
    expect(await dockerConfigCredentials({ environment })("r.example:5000")).toEqual({
      ...CREDENTIALS,
      source: path(),
    });
    expect((await stat(path())).mode & 0o777).toBe(0o600);
  });

  test("for Docker Hub go under Docker's own key", async () => {
    await storeCredentials("docker.io", { kind: "identity-token", token: "t" }, { environment });
    expect(JSON.parse(await readFile(path(), "utf8"))).toEqual({
      auths: { "https://index.docker.io/v1/": { identitytoken: "t" } },
    });
  });

  test("leave everything else in the file alone", async () => {
    await storeCredentials("a.example", CREDENTIALS, { environment });
    const before: unknown = JSON.parse(await readFile(path(), "utf8"));
    await writeFile(path(), JSON.stringify({ ...Object(before), currentContext: "x", __proto__: undefined }));
    await storeCredentials("https://b.example".slice(8), CREDENTIALS, { environment });
    const after: unknown = JSON.parse(await readFile(path(), "utf8"));
    expect(after).toEqual({
      currentContext: "x",
      auths: { "a.example": expect.anything(), "b.example": expect.anything() },
    });
    expect(await eraseCredentials("a.example", { environment })).toBe(true);
    expect(await eraseCredentials("a.example", { environment })).toBe(false);
    expect(await dockerConfigCredentials({ environment })("a.example")).toBeUndefined();
    expect(await dockerConfigCredentials({ environment })("b.example")).toBeDefined();
  });

  test("go to the credential helper where one is configured, and not into the file", async () => {
    await storeCredentials("x.example", CREDENTIALS, { environment });
    await writeFile(path(), JSON.stringify({ credHelpers: { "r.example": "vault" } }));
    const told: string[] = [];
    const runHelper: HelperRunner = (name, input, { action }) => {
      told.push(`${name} ${String(action)} ${input}`);
      return Promise.resolve({ exitCode: 0, stdout: "" });
    };
    expect(await storeCredentials("r.example", CREDENTIALS, { environment, runHelper })).toEqual({
      place: "docker-credential-vault",
    });
    expect(told).toEqual(['vault store {"ServerURL":"r.example","Username":"ada","Secret":"canary:secret"}']);
    expect(await readFile(path(), "utf8")).not.toContain("canary");
    await eraseCredentials("r.example", { environment, runHelper });
    expect(told.at(-1)).toBe("vault erase r.example");
  });

  test("that the helper refuses are an error without the secret", async () => {
    await storeCredentials("x.example", CREDENTIALS, { environment });
    await writeFile(path(), JSON.stringify({ credsStore: "vault" }));
    const runHelper: HelperRunner = () => Promise.resolve({ exitCode: 1, stdout: "canary:secret" });
    const failure = await failureOf(storeCredentials("r.example", CREDENTIALS, { environment, runHelper }));
    expect(failure.code).toBe("FAILED_PRECONDITION");
    expect(JSON.stringify([failure.message, failure.hint, failure.details])).not.toContain("canary");
  });

  test("do not overwrite a file that is not understood", async () => {
    await storeCredentials("x.example", CREDENTIALS, { environment });
    await writeFile(path(), "{ broken");
    expect((await failureOf(storeCredentials("r.example", CREDENTIALS, { environment }))).code).toBe(
      "FAILED_PRECONDITION",
    );
    expect(await readFile(path(), "utf8")).toBe("{ broken");
  });

  test("were looked for in places that an error can name", async () => {
    await storeCredentials("x.example", CREDENTIALS, { environment });
    const places: string[] = [];
    await dockerConfigCredentials({ environment: { ...environment, XDG_RUNTIME_DIR: folder } })("r.example", {
      trace: (place) => places.push(place),
    });
    expect(places).toEqual([
      `${path()}: nothing for r.example`,
      `${join(folder, "containers", "auth.json")}: no such file`,
    ]);
  });
});
