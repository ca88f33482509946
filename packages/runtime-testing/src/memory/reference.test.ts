import { describe, expect, test } from "@jest/globals";
import { isRuntimeError } from "@voiyd/runtime-api";
import { normalizeReference } from "./reference.js";

const DIGEST = `sha256:${"0".repeat(64)}`;

describe("a reference", () => {
  test.each([
    ["nginx", "docker.io/library/nginx:latest"],
    ["nginx:1.27", "docker.io/library/nginx:1.27"],
    ["owner/app", "docker.io/owner/app:latest"],
    ["docker.io/nginx", "docker.io/library/nginx:latest"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/app:v1", "localhost:5000/app:v1"],
    ["ghcr.io/owner/deep/er/app", "ghcr.io/owner/deep/er/app:latest"],
    [`app@${DIGEST}`, `docker.io/library/app@${DIGEST}`],
    [`[::1]:5000/app:1@${DIGEST}`, `[::1]:5000/app:1@${DIGEST}`],
    ["a__b/c-d.e", "docker.io/a__b/c-d.e:latest"],
  ])("%s means %s", (reference, meaning) => {
    expect(normalizeReference(reference)).toBe(meaning);
    expect(normalizeReference(meaning)).toBe(meaning);
  });

  test.each([
    "",
    ":",
    "/",
    "a//b",
    "a:b:c",
    "UPPER",
    "a b",
    "../a",
    "a@sha256:short",
    "-a",
    "a-",
    "a:",
    `a:${"t".repeat(129)}`,
    "x".repeat(256),
  ])("%s means nothing", (reference) => {
    let thrown: unknown;
    try {
      normalizeReference(reference);
    } catch (error) {
      thrown = error;
    }
    expect(isRuntimeError(thrown, "INVALID_ARGUMENT")).toBe(true);
  });
});
