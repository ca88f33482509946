import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isRuntimeError } from "../runtime-error.js";
import { parseCapability, CAPABILITY_NAMES } from "./capabilities.js";
import { assertLabels } from "./labels.js";
import { assertMounts } from "./mounts.js";
import { assertContainerName } from "./name.js";
import { assertPortMappings } from "./ports.js";
import { parseSignal } from "./signal.js";
import { MAX_UID, parseUser } from "./user.js";

const RUNS = { numRuns: 2000 };
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.stringMatching(/^[0-9:.+-]{0,24}$/),
  fc.stringMatching(/^[a-zA-Z0-9_.:\/-]{0,24}$/),
);

/** What `parse` makes of it; nothing when it is refused as it must be. Any other error fails. */
function accepted<T>(parse: () => T): { readonly value: T } | undefined {
  try {
    return { value: parse() };
  } catch (error) {
    expect(isRuntimeError(error, "INVALID_ARGUMENT")).toBe(true);
    return undefined;
  }
}

describe("whatever the text", () => {
  test("an accepted name is one file name, and no option", () => {
    fc.assert(
      fc.property(text, (name) => {
        if (accepted(() => assertContainerName(name))) expect(name).toMatch(/^[A-Za-z0-9][\w.-]*$/);
      }),
      RUNS,
    );
  });

  test("an accepted user is a name, or a number that no tool takes for another", () => {
    fc.assert(
      fc.property(text, (user) => {
        const parsed = accepted(() => parseUser(user));
        if (parsed === undefined) return;
        const parts = [parsed.value.user, parsed.value.group].filter((part) => part !== undefined);
        expect(parts.join(":")).toBe(user);
        for (const part of parts) if (typeof part === "number") expect(part >= 0 && part <= MAX_UID).toBe(true);
      }),
      RUNS,
    );
  });

  test("an accepted number is the user with exactly this number", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 70n }), (uid) => {
        expect(accepted(() => parseUser(String(uid)))?.value).toEqual(
          uid <= BigInt(MAX_UID) ? { user: Number(uid) } : undefined,
        );
      }),
      RUNS,
    );
  });

  test("an accepted signal is one of the kernel's", () => {
    fc.assert(
      fc.property(text, (signal) => {
        const parsed = accepted(() => parseSignal(signal));
        if (parsed !== undefined) expect(parsed.value >= 1 && parsed.value <= 64).toBe(true);
      }),
      RUNS,
    );
  });

  test("an accepted capability is one of the kernel's, in any case", () => {
    const random = (name: string): fc.Arbitrary<string> => fc.mixedCase(fc.constant(name));
    fc.assert(
      fc.property(fc.oneof(text, fc.constantFrom(...CAPABILITY_NAMES).chain(random)), (capability) => {
        const parsed = accepted(() => parseCapability(capability));
        if (parsed !== undefined) expect([...CAPABILITY_NAMES, "ALL"]).toContain(parsed.value);
        else expect(CAPABILITY_NAMES).not.toContain(capability.toUpperCase());
      }),
      RUNS,
    );
  });

  test("an accepted mount stays below the root", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[/.a]{0,12}$/), (destination) => {
        if (accepted(() => assertMounts([{ type: "tmpfs", destination }]))) {
          expect(new URL(destination.replace(/\/+/g, "/"), "file:///").pathname).not.toBe("/..");
          expect(destination.split("/")).not.toContain("..");
          expect(destination).toMatch(/^\/+[^/]/);
        }
      }),
      RUNS,
    );
  });

  test("an accepted host address has no way out of a URL, and two ports never collide", () => {
    const hostIp = fc.oneof(text, fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(hostIp, (address) => {
        const mapping = { containerPort: 80, hostPort: 80, hostIp: address };
        if (accepted(() => assertPortMappings([mapping]))) expect(address).toMatch(/^[0-9a-fA-F:.]+$/);
        expect(accepted(() => assertPortMappings([mapping, mapping]))).toBeUndefined();
      }),
      RUNS,
    );
  });

  test("every address that is one is accepted", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (hostIp) => {
        expect(accepted(() => assertPortMappings([{ containerPort: 80, hostPort: 80, hostIp }]))).toBeDefined();
      }),
      RUNS,
    );
  });

  test("labels are accepted as they are, or refused", () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), (labels) => {
        const before = JSON.stringify(labels);
        accepted(() => assertLabels(labels));
        expect(JSON.stringify(labels)).toBe(before);
      }),
      RUNS,
    );
  });
});
