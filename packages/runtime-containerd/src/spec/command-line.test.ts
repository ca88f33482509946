import { describe, expect, test } from "@jest/globals";
import { commandLine, type ImageCommand } from "./command-line.js";

type Given = { readonly entrypoint?: readonly string[]; readonly args?: readonly string[] };

describe("the command of a container", () => {
  const both: ImageCommand = { entrypoint: ["/entry", "-e"], cmd: ["serve", "-p"] };

  test.each<[string, Given, ImageCommand, readonly string[]]>([
    ["the image's entrypoint and default arguments", {}, both, ["/entry", "-e", "serve", "-p"]],
    ["the image's entrypoint alone", {}, { entrypoint: ["/entry"] }, ["/entry"]],
    ["the image's default arguments alone", {}, { cmd: ["sh"] }, ["sh"]],
    ["arguments in place of the image's", { args: ["ls", ""] }, both, ["/entry", "-e", "ls", ""]],
    ["no arguments, which are no replacement", { args: [] }, both, ["/entry", "-e", "serve", "-p"]],
    ["an entrypoint that puts the image's arguments away", { entrypoint: ["/mine"] }, both, ["/mine"]],
    ["an entrypoint with arguments", { entrypoint: ["/mine"], args: ["x"] }, both, ["/mine", "x"]],
    ["an entrypoint that is taken away, with arguments", { entrypoint: [], args: ["x", "y"] }, both, ["x", "y"]],
    ["arguments for an image without anything", { args: ["/bin/true"] }, {}, ["/bin/true"]],
    ["arguments that look like options", { args: ["--", "-rf"] }, { entrypoint: ["rm"] }, ["rm", "--", "-rf"]],
  ])("is %s", (_what, given, image, expected) => {
    expect(commandLine({ image: "app", ...given }, image)).toEqual(expected);
  });

  test.each<[string, Given, ImageCommand]>([
    ["an image without anything", {}, {}],
    ["an image with empty lists", {}, { entrypoint: [], cmd: [] }],
    ["an entrypoint that is taken away", { entrypoint: [] }, both],
    ["a command without a name", { args: [""] }, {}],
  ])("cannot be told from %s", (_what, given, image) => {
    expect(() => commandLine({ image: "app", ...given }, image)).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("app"),
        hint: expect.any(String),
      }),
    );
  });
});
