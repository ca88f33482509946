import { describe, expect, test } from "@jest/globals";
import { isFields, valueOf } from "../template/value.js";
import { formatHost } from "../testing/format-host.js";
import type { FakeSurroundings } from "../testing/fake-surroundings.js";

const image = {
  name: "docker.io/library/busybox:1",
  digest: `sha256:${"1".repeat(64)}`,
  mediaType: "m",
  created: new Date("2026-02-28T12:05:00.000Z"),
  size: 4_054_321,
};

/** What a command prints, and that it succeeds. */
async function output(around: FakeSurroundings, ...argv: string[]): Promise<string> {
  expect([await around.main(...argv), around.stderr.text]).toEqual([0, ""]);
  return around.stdout.text;
}

describe("a template in the place of a list's table", () => {
  test.each<[string[], string]>([
    [["ps", "--format", "{{.Names}}"], "web\n"],
    [["ps", "-a", "--format", "{{.Names}}\\t{{.State}}"], "web\trunning\njob\texited\n"],
    [["ps", "--format", "{{.ID}} {{.Image}} {{.Ports}}"], `${"a".repeat(12)} nginx:1.27 0.0.0.0:8080->80/tcp\n`],
    [["ps", "--no-trunc", "--format", "{{.ID}}"], `${"a".repeat(64)}\n`],
    [["ps", "--format", "{{.Command}}"], '"sh -c echo 1\\necho 2…"\n'],
    [["ps", "--format", "{{.Labels}}"], "tier=front,a\\x1b[2J=x\\ny\n"],
    [["ps", "--format", '{{.Label "tier"}}-{{.Label "none"}}-{{.Label "constructor"}}'], "front--\n"],
    [["ps", "--format", "{{.Mounts}} {{.LocalVolumes}} {{.Networks}}"], "/srv,data 1 default\n"],
    [
      ["ps", "--format", "{{.RunningFor}}, {{.Status}}, {{.CreatedAt}}"],
      "5 minutes ago, Up 5 minutes, 2026-03-01T12:00:00.000Z\n",
    ],
    [["ps", "--format", "table {{.Names}}\\t{{.Status}}"], "NAMES   STATUS\nweb     Up 5 minutes\n"],
    [
      ["ps", "--format", "table{{.ID}}\\t{{upper .Names}}\\t{{.Label `tier`}}"],
      "CONTAINER ID   NAMES   TIER\naaaaaaaaaaaa   WEB     front\n",
    ],
    [["ps", "--format", "table {{.Names}}\\n{{.Image}}\\tx"], "NAMES\nIMAGE        x\nweb\nnginx:1.27   x\n"],
    [["images", "--format", "{{.Repository}}:{{.Tag}}"], "busybox:1\n"],
    [
      ["images", "--format", "{{.ID}} {{.Size}} {{.CreatedSince}} {{.Platform}}"],
      "111111111111 4.05MB 24 hours ago \n",
    ],
    [["images", "--format", "table {{.ID}}\\t{{.Digest}}"], `IMAGE ID       DIGEST\n111111111111   ${image.digest}\n`],
    [
      ["network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Scope}} {{.IPv6}} {{.Internal}}"],
      "front bridge local true false\n",
    ],
    [
      ["network", "ls", "--format", 'table {{.ID}}\\t{{.Labels}}\\t{{.Label "a"}}'],
      "NETWORK ID   LABELS   A\nfront        a=b      b\n",
    ],
    [
      ["network", "ls", "--format", "{{range .ranges}}{{.subnet}} {{end}}{{len .containers}}"],
      "10.70.0.0/24 fd00::/64 1\n",
    ],
    [
      ["history", "--format", "{{.CreatedBy}}|{{.Size}}|{{.CreatedSince}}|{{.ID}}", "x"],
      `CMD sh|0B|N/A|<none>\nADD files|1.5MB|56 years ago|${"3".repeat(12)}\n`,
    ],
    [
      ["history", "--format", "table {{.Layer}}\\t{{.Size}}", "x"],
      "LAYER          SIZE\n<none>         0B\n333333333333   1.5MB\n",
    ],
    [
      ["system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Reclaimable}}"],
      "Images 0 0B (0%)\nContainers 0 0B (0%)\nLocal Volumes 0 0B (0%)\nCache 0 0B (0%)\nOrphans 0 0B (0%)\n",
    ],
    [["system", "df", "-v", "--format", "{{len .images}}{{len .volumes}}"], "00\n"],
    [["system", "recover", "--format", "{{.dryRun}} {{len .done}}"], "false 0\n"],
    [["system", "doctor", "--format", "{{.severity}} {{.subject}} {{.action}}"], "ok containerd \n"],
    [
      ["system", "doctor", "--format", "table {{.severity}}\\t{{.subject}}"],
      "SEVERITY   SUBJECT\nok         containerd\n",
    ],
  ])("%j", async (argv, text) => {
    const [around] = formatHost({ listImages: async () => [image] });
    const printed = await output(around, ...argv);
    expect(printed.slice(0, text.length)).toBe(text);
    // The doctor finds more on the host.
    if (argv[1] !== "doctor") expect(printed).toBe(text);
  });

  test("is the table when it says nothing, or no more than that", async () => {
    const table = await output(formatHost()[0], "ps");
    expect(await output(formatHost()[0], "ps", "--format", "")).toBe(table);
    expect(await output(formatHost()[0], "ps", "--format", " table ")).toBe(table);
  });

  test("has in json what --format json has", async () => {
    for (const command of [["ps", "-a"], ["images"], ["network", "ls"], ["history", "x"], ["system", "df"]]) {
      const [template, json] = [formatHost()[0], formatHost()[0]];
      const printed = await output(template, ...command, "--format", "{{json .}}");
      expect(printed).toBe(await output(json, ...command, "--format", "json"));
      expect(printed).not.toBe("");
    }
  });

  test("knows every name of the JSON", async () => {
    for (const command of [["ps", "-a", "-s"], ["images"], ["network", "ls"], ["history", "x"], ["system", "df"]]) {
      const printed = await output(formatHost()[0], ...command, "--format", "json");
      const record = valueOf(JSON.parse(printed.split("\n")[0] ?? ""));
      const names = isFields(record) ? Object.keys(record) : [];
      expect(names.length).toBeGreaterThan(4);
      await output(formatHost()[0], ...command, "--format", names.map((name) => `{{.${name}}}`).join(" "));
    }
  });

  test("has sizes looked for when it shows them, and else not", async () => {
    const [around, fake] = formatHost();
    await output(around, "ps", "--format", "{{.Names}}");
    expect(fake.calls).not.toContain("df");
    const [again, asked] = formatHost();
    await again.main("ps", "--format", "{{.Size}}");
    expect(asked.calls).toContain("df");
  });

  test.each([
    [["ps", "--format", "{{.Foo}}"], 'there is no field "Foo"\nhint: there are Command, CreatedAt,'],
    [["ps", "--format", "{{.constructor}}"], 'there is no field "constructor"'],
    [["ps", "--format", "table {{.Foo}}"], 'there is no field "Foo"'],
    [["network", "ls", "--format", "{{.Foo}}"], 'there is no field "Foo"'],
  ])("%j is refused with what there is", async (argv, message) => {
    const [around] = formatHost();
    expect(await around.main(...argv)).toBe(1);
    expect(around.stdout.text).toBe("");
    expect(around.stderr.text).toContain(message);
  });

  test.each([
    [["ps", "--format", "yaml"], 'option --format takes table, json or a template, not "yaml"'],
    [["ps", "--format", "tables"], 'not "tables"'],
    [["ps", "--format", "{{.Names"], 'the template, at character 1, "{{.Names": an action that is not closed'],
    [["ps", "--format", "table {{foo}}"], "there is no function foo"],
    [["inspect", "-f", "yaml", "web"], 'option --format takes json or a template, not "yaml"'],
    [["inspect", "-f", "{{", "web"], "not closed"],
    [["network", "inspect", "-f", "{{end}}", "front"], "is not expected here"],
    [["info", "-f", "{{if}}"], "a value is missing"],
  ])("%j is refused before anything is done", async (argv, message) => {
    const [around] = formatHost({
      list: () => Promise.reject(new Error("asked")),
      get: () => Promise.reject(new Error("asked")),
    });
    expect(await around.main(...argv)).toBe(1);
    expect(around.stderr.text).toContain(message);
    expect(around.stderr.text).toContain("usage: voiyd ");
  });
});
