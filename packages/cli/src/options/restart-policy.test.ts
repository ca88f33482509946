import { expect, test } from "@jest/globals";
import type { RestartPolicy } from "@voiyd/runtime-api";
import { parseRestartPolicy } from "./restart-policy.js";

// Each as Docker's command line takes it.
test.each<[string, RestartPolicy]>([
  ["", { name: "no" }],
  ["no", { name: "no" }],
  ["no:0", { name: "no" }],
  ["always", { name: "always" }],
  ["always:0", { name: "always" }],
  ["unless-stopped", { name: "unless-stopped" }],
  ["on-failure", { name: "on-failure" }],
  ["on-failure:0", { name: "on-failure" }],
  ["on-failure:5", { name: "on-failure", maxRetries: 5 }],
  ["on-failure:007", { name: "on-failure", maxRetries: 7 }],
])("--restart=%s", (text, policy) => {
  expect(parseRestartPolicy(text)).toEqual(policy);
});

test.each([
  "never",
  "Always",
  " always",
  "always:1",
  "unless-stopped:2",
  "no:3",
  "on-failure:",
  "on-failure:-1",
  "on-failure:1.5",
  "on-failure:many",
  "on-failure:1:2",
  "on-failure:9999999999",
  "__proto__",
])("--restart=%s is refused, with what is allowed", (text) => {
  expect(() => parseRestartPolicy(text)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", hint: expect.stringContaining("unless-stopped") }),
  );
});
