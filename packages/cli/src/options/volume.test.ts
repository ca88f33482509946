import { describe, expect, test } from "@jest/globals";
import type { BindMount } from "@voiyd/runtime-api";
import { parseVolume } from "./volume.js";

describe("a volume", () => {
  test.each<[string, Omit<BindMount, "type">]>([
    ["/a:/b", { source: "/a", destination: "/b" }],
    ["/a:/b:ro", { source: "/a", destination: "/b", readOnly: true }],
    ["/a:/b:rw", { source: "/a", destination: "/b" }],
    ["/a:/b:ro,rshared", { source: "/a", destination: "/b", readOnly: true, propagation: "rshared" }],
    ["./data:/b", { source: "/home/ada/data", destination: "/b" }],
    [".:/b", { source: "/home/ada", destination: "/b" }],
    ["../data:/b", { source: "/home/data", destination: "/b" }],
    ["/a/../c:/b", { source: "/c", destination: "/b" }],
  ])("%s is understood", (text, expected) => {
    expect(parseVolume(text, "/home/ada")).toEqual({ type: "bind", ...expected });
  });

  test.each(["", "/a", "/a:", ":/b", "/a:/b:", "/a:/b:z", "/a:/b:ro:rw", "/a:/b:ro,,", "::"])(
    "%j is refused",
    (text) => {
      expect(() => parseVolume(text, "/home/ada")).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    },
  );

  test("a name is refused, with the folder of that name as a hint", () => {
    expect(() => parseVolume("data:/b", "/home/ada")).toThrow(
      expect.objectContaining({ hint: "for the folder of that name, write ./data" }),
    );
  });
});
