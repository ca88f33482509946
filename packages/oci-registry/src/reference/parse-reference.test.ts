import { describe, expect, test } from "@jest/globals";
import { isRuntimeError } from "@voiyd/runtime-api";
import fc from "fast-check";
import { parseReference } from "./parse-reference.js";
import { formatReference } from "./reference.js";

const SHA = `sha256:${"a".repeat(64)}`;
const SHA512 = `sha512:${"b".repeat(128)}`;

describe("a reference", () => {
  test.each([
    ["nginx", "docker.io/library/nginx:latest"],
    ["nginx:1.27", "docker.io/library/nginx:1.27"],
    ["library/nginx", "docker.io/library/nginx:latest"],
    ["user/app", "docker.io/user/app:latest"],
    ["docker.io/nginx", "docker.io/library/nginx:latest"],
    ["index.docker.io/nginx", "docker.io/library/nginx:latest"],
    ["index.docker.io/user/app:v1", "docker.io/user/app:v1"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/app", "localhost:5000/app:latest"],
    ["localhost:5000/a/b/c:1", "localhost:5000/a/b/c:1"],
    ["ghcr.io/o/r", "ghcr.io/o/r:latest"],
    ["Upper/app", "Upper/app:latest"],
    ["127.0.0.1:5000/app", "127.0.0.1:5000/app:latest"],
    ["[::1]:5000/app", "[::1]:5000/app:latest"],
    ["[fd00::1]/app", "[fd00::1]/app:latest"],
    [`nginx@${SHA}`, `docker.io/library/nginx@${SHA}`],
    [`nginx:1@${SHA}`, `docker.io/library/nginx:1@${SHA}`],
    [`nginx@${SHA512}`, `docker.io/library/nginx@${SHA512}`],
    ["a__b/c-d/e---f.g_h", "docker.io/a__b/c-d/e---f.g_h:latest"],
    ["x:_tag", "docker.io/library/x:_tag"],
    [`x:${"t".repeat(128)}`, `docker.io/library/x:${"t".repeat(128)}`],
    ["a".repeat(63), `docker.io/library/${"a".repeat(63)}:latest`],
  ])("%s means %s", (text, normalised) => {
    expect(formatReference(parseReference(text))).toBe(normalised);
  });

  test.each([
    "",
    " ",
    "UPPER",
    "user/App",
    "nginx:",
    "nginx:-x",
    "nginx:.x",
    `nginx:${"t".repeat(129)}`,
    "nginx@",
    "nginx@sha256:abc",
    `nginx@sha256:${"A".repeat(64)}`,
    `nginx@md5:${"a".repeat(32)}`,
    `nginx@${SHA}x`,
    `nginx@${SHA}@${SHA}`,
    "a".repeat(64),
    "/nginx",
    "nginx/",
    "a//b",
    "a_/b",
    "-a",
    "a..b",
    "a___b",
    "http://host/app",
    "host:port/app",
    "host.io:70000/app",
    "1.2.3.400/app",
    "[:::]/app",
    "a b",
    "nginx\n",
    "nginx\0",
    "../../etc/passwd",
    "host.io/../x",
    "-host.io/x",
    "host-.io/x",
    "nginx:a:b",
    `${"a/".repeat(127)}ab`,
    "é",
    "host.io/",
    `host.io/${"a".repeat(256)}`,
    "x".repeat(2000),
  ])("%j is refused", (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("has its parts apart", () => {
    expect(parseReference(`host.io:5000/a/b:t@${SHA}`)).toEqual({
      registry: "host.io:5000",
      repository: "a/b",
      tag: "t",
      digest: SHA,
    });
    expect(parseReference(`a@${SHA}`)).toEqual({ registry: "docker.io", repository: "library/a", digest: SHA });
  });

  test("of any text is refused with INVALID_ARGUMENT, or normalised for good", () => {
    const nearly = fc.stringMatching(/^[a-zA-Z0-9.:/@_[\]-]{0,40}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), nearly), (text) => {
        try {
          const normalised = formatReference(parseReference(text));
          expect(formatReference(parseReference(normalised))).toBe(normalised);
        } catch (error) {
          if (!isRuntimeError(error, "INVALID_ARGUMENT")) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("made of valid parts is read back as it was", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const built = fc.record({
      registry: fc.constantFrom("docker.io", "ghcr.io", "localhost:5000", "[::1]:80", "Host"),
      repository: fc.array(part, { minLength: 2, maxLength: 5 }).map((parts) => parts.join("/")),
      tag: fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,20}$/),
    });
    fc.assert(
      fc.property(built, (reference) => {
        expect(parseReference(formatReference(reference))).toEqual(reference);
      }),
    );
  });
});
