import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { redactFields } from "./redact.js";
import { isSecretName, redactText } from "./secret.js";

const SECRET = "hunter2hunter2";

describe("a secret", () => {
  test.each([
    "password",
    "Authorization",
    "identitytoken",
    "identity_token",
    "X-Api-Key",
    "DB_PASSWORD",
    "clientSecret",
    "auth",
    "Set-Cookie",
    "privateKey",
    "registrytoken",
  ])("is hidden in a field named %s, however deep", (name) => {
    expect(isSecretName(name)).toBe(true);
    for (const fields of [
      { [name]: SECRET },
      { a: [{ b: { [name]: SECRET } }] },
      { map: new Map([[name, SECRET]]) },
      { [name]: { inner: SECRET } },
    ]) {
      expect(JSON.stringify(redactFields(fields))).not.toContain(SECRET);
    }
  });

  test.each(["author", "name", "path", "id", "hash", "authored"])("is not seen in a field named %s", (name) => {
    expect(redactFields({ [name]: "shown" })).toEqual({ [name]: "shown" });
  });

  test.each([
    ["a URL", `https://user:${SECRET}@registry.example/v2/`, "https://[redacted]@registry.example/v2/"],
    ["a query", `https://h/x?access_token=${SECRET}&page=2`, "https://h/x?access_token=[redacted]&page=2"],
    ["an HTTP header", `Authorization: Bearer ${SECRET}`, "Authorization: Bearer [redacted]"],
    ["an argument", `--password=${SECRET} --user=me`, "--password=[redacted] --user=me"],
    ["an environment variable", `DB_PASSWORD=${SECRET}`, "DB_PASSWORD=[redacted]"],
  ])("is hidden in %s within a text", (_, text, shown) => {
    expect(redactText(text)).toBe(shown);
    expect(redactFields({ text })).toEqual({ text: shown });
    expect(JSON.stringify(redactFields({ error: new Error(text) }))).not.toContain(SECRET);
  });

  test("is hidden in an environment variable that is an object", () => {
    expect(
      redactFields({
        envvars: [
          { name: "DB_PASSWORD", value: SECRET },
          { name: "LANG", value: "C" },
        ],
      }),
    ).toEqual({
      envvars: [
        { name: "DB_PASSWORD", value: "[redacted]" },
        { name: "LANG", value: "C" },
      ],
    });
  });

  test("is hidden under any field name that has the word in it", () => {
    const affix = fc.stringMatching(/^[a-zA-Z_-]{0,20}$/);
    fc.assert(
      fc.property(
        affix,
        fc.constantFrom("password", "Secret", "TOKEN", "authorization"),
        affix,
        (before, word, after) => {
          expect(redactFields({ [before + word + after]: SECRET })).toEqual({ [before + word + after]: "[redacted]" });
        },
      ),
    );
  });

  test("a key that looks like a prototype is only a key", () => {
    const hostile = Object.fromEntries<unknown>([
      ["__proto__", { polluted: true }],
      ["constructor", "x"],
    ]);
    expect(Object.keys(redactFields(hostile))).toEqual(["__proto__", "constructor"]);
    expect("polluted" in {}).toBe(false);
  });
});
