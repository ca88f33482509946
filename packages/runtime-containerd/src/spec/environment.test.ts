import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { environment } from "./environment.js";

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

describe("the environment of a container", () => {
  test("has a path and the host's name at least", () => {
    expect(environment({ image: "app" }, [], "web")).toEqual([PATH, "HOSTNAME=web"]);
  });

  test("has the image's variables, and over them the user's, each once", () => {
    const envvars = [
      { name: "A", value: "user" },
      { name: "NEW", value: "a=b" },
      { name: "NEW", value: "last" },
    ];
    expect(environment({ image: "app", envvars }, ["A=image", "B=image", "PATH=/bin"], "web")).toEqual([
      "PATH=/bin",
      "HOSTNAME=web",
      "A=user",
      "B=image",
      "NEW=last",
    ]);
  });

  test("keeps values as they are, empty ones and line breaks too", () => {
    expect(environment({ image: "app" }, ["E=", "N=a\nb", "Q=x=y=z"], "web")).toEqual(
      expect.arrayContaining(["E=", "N=a\nb", "Q=x=y=z"]),
    );
  });

  test.each([["NOVALUE"], ["=x"], [""], ["A=\0B"]])(
    "leaves out what the image says with %j, which is no variable",
    (entry) => {
      expect(environment({ image: "app" }, [entry], "web")).toEqual([PATH, "HOSTNAME=web"]);
    },
  );

  test("has every name once, and no NUL, whatever the image says", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (image) => {
        const result = environment({ image: "app" }, image, "web");
        const names = result.map((entry) => entry.slice(0, entry.indexOf("=")));
        expect(new Set(names).size).toBe(names.length);
        expect(names).not.toContain("");
        expect(result.join("")).not.toContain("\0");
      }),
    );
  });

  test("takes names that mean something to JavaScript for names", () => {
    expect(environment({ image: "app" }, ["__proto__=1", "constructor=2"], "web").slice(2)).toEqual([
      "__proto__=1",
      "constructor=2",
    ]);
  });
});
