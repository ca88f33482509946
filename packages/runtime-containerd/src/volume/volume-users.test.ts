import { describe, expect, test } from "@jest/globals";
import type { ContainerRecord } from "../container/container-store.js";
import { mayUse } from "./volume-users.js";

describe("a volume", () => {
  test("is kept for a container whose record is damaged: nobody can tell that it is not its own", () => {
    const damaged: Pick<ContainerRecord, "stored"> = {
      stored: () => {
        throw new Error("damaged");
      },
    };
    expect(mayUse(damaged, "data")).toBe(true);
  });
});
