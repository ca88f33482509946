import { describe, expect, test } from "@jest/globals";
import type { ImageExecution } from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import fc from "fast-check";
import { applyChanges } from "./change.js";
import { settingsOf, toImageConfig } from "./run-settings.js";
import { splitWords } from "./split-words.js";

const image: ImageExecution = {
  exposedPorts: ["80/tcp"],
  env: ["PATH=/bin", "MODE=a=b"],
  entrypoint: ["/entry"],
  cmd: ["serve"],
  volumes: ["/data"],
  workingDir: "/srv",
  labels: { from: "image" },
};

function after(...changes: readonly string[]): Readonly<Record<string, unknown>> {
  return toImageConfig(applyChanges(settingsOf(image, { image: "x" }, {}), changes), {});
}

describe("how a committed image is run", () => {
  test("is as the container was, and as its image is where the container says nothing", () => {
    const config = {
      image: "x",
      args: ["other"],
      envvars: [{ name: "MODE", value: "c" }],
      user: "www",
      portMappings: [{ hostPort: 8080, containerPort: 81, protocol: "udp" as const }],
    };
    expect(
      toImageConfig(settingsOf(image, config, { mine: "1" }), { Healthcheck: { Test: ["NONE"] }, User: "root" }),
    ).toEqual({
      Healthcheck: { Test: ["NONE"] },
      User: "www",
      Env: ["PATH=/bin", "MODE=c"],
      Entrypoint: ["/entry"],
      Cmd: ["other"],
      WorkingDir: "/srv",
      Labels: { from: "image", mine: "1" },
      ExposedPorts: { "80/tcp": {}, "81/udp": {} },
      Volumes: { "/data": {} },
    });
    expect(settingsOf(image, { image: "x", entrypoint: ["/bin/sh"] }, {})).toMatchObject({
      entrypoint: ["/bin/sh"],
      cmd: undefined,
    });
  });

  test.each<[string[], Record<string, unknown>]>([
    [['CMD ["a", "b c"]'], { Cmd: ["a", "b c"] }],
    [["cmd echo $HOME 'x'"], { Cmd: ["/bin/sh", "-c", "echo $HOME 'x'"] }],
    [["CMD [ -f x ]"], { Cmd: ["/bin/sh", "-c", "[ -f x ]"] }],
    [['ENTRYPOINT ["/new"]'], { Entrypoint: ["/new"], Cmd: undefined }],
    [['CMD ["keep"]', 'ENTRYPOINT ["/new"]'], { Entrypoint: ["/new"], Cmd: ["keep"] }],
    [['ENV A=1 B="two words" MODE=\\"q'], { Env: ["PATH=/bin", 'MODE="q', "A=1", "B=two words"] }],
    [["ENV OLD the old way"], { Env: ["PATH=/bin", "MODE=a=b", "OLD=the old way"] }],
    [
      ["EXPOSE 443 1000-1002/udp"],
      {
        ExposedPorts: { "80/tcp": {}, "443/tcp": {}, "1000/udp": {}, "1001/udp": {}, "1002/udp": {} },
      },
    ],
    [["LABEL a=b 'c d'=e __proto__=x"], { Labels: JSON.parse('{"from":"image","a":"b","c d":"e","__proto__":"x"}') }],
    [["USER 1000:1000"], { User: "1000:1000" }],
    [["WORKDIR sub"], { WorkingDir: "/srv/sub" }],
    [["WORKDIR /abs", "WORKDIR ../up"], { WorkingDir: "/up" }],
    [['VOLUME ["/a b"]', "VOLUME /c /d"], { Volumes: { "/data": {}, "/a b": {}, "/c": {}, "/d": {} } }],
    [["STOPSIGNAL SIGQUIT"], { StopSignal: "SIGQUIT" }],
  ])("%j", (changes, expected) => {
    for (const [key, value] of Object.entries(expected)) expect(after(...changes)[key]).toEqual(value);
  });

  test.each([
    "RUN rm -rf /",
    "CMD",
    "  ",
    "FROM scratch",
    "constructor x",
    "EXPOSE many",
    "EXPOSE 0",
    "EXPOSE 5-3",
    "EXPOSE 70000",
    'ENV A="open',
    "ENV A",
    "LABEL =x",
    "STOPSIGNAL SIGNOTHING",
    "USER two words",
    "ENV A=\0",
  ])("%j is refused", (change) => {
    expect(() => after(change)).toThrow(RuntimeError);
  });
});

test("words that are quoted are split into what they were", () => {
  const word = fc.string({ minLength: 1, unit: fc.constantFrom("a", " ", '"', "'", "\\", "=", "\n") });
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const quoted = words.map((text) => `"${text.replace(/["\\]/g, (char) => `\\${char}`)}"`);
      expect(splitWords(quoted.join("  "))).toEqual(words);
    }),
  );
});
