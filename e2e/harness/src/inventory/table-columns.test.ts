import { describe, expect, test } from "@jest/globals";
import { parseIngests, parseSnapshots } from "./collect-containerd.js";
import { parseColumns } from "./table-columns.js";

describe("what ctr prints", () => {
  test("snapshots are read by the place of their columns, so that a missing parent shifts nothing", () => {
    const text = [
      "KEY                     PARENT                  KIND      ",
      "sha256:aa                                       Committed ",
      "sha256:bb               sha256:aa               Committed ",
      "web 1                   sha256:bb               Active    ",
      "view-é                  sha256:bb               View      ",
      "scratch                                         Active    ",
      "",
    ].join("\n");
    expect(parseSnapshots(text)).toEqual({
      active: ["web 1", "view-é", "scratch"],
      committed: ["sha256:aa", "sha256:bb"],
    });
  });

  test("an empty table has no rows", () => {
    expect(parseSnapshots("KEY PARENT KIND \n")).toEqual({ active: [], committed: [] });
    expect(parseIngests("REF\tSIZE\tAGE\t\n")).toEqual([]);
  });

  test("ingests are read by their tabs", () => {
    expect(parseIngests("REF\tSIZE\tAGE\t\nlayer-sha256:aa\t3 B\t2 seconds\t\nmy upload\t0 B\t1 minute\t\n")).toEqual([
      "layer-sha256:aa",
      "my upload",
    ]);
  });

  test("a table without an expected column is an error, not an empty list", () => {
    expect(() => parseColumns("NAME KIND\na b\n", ["KEY", "KIND"])).toThrow("no column KEY");
  });
});
