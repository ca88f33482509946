import { describe, expect, test } from "@jest/globals";
import { RuntimeError, type Attachment, type InterfaceAddress } from "@voiyd/runtime-api";
import { formatHost, front, web } from "../testing/format-host.js";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeNetwork } from "../testing/fake-network.js";
import { fakeRuntime } from "../testing/fake-runtime.js";
import { FakeOutput, FakeSurroundings } from "../testing/fake-surroundings.js";

/** What a command prints, and that it succeeds. */
async function output(around: FakeSurroundings, ...argv: string[]): Promise<string> {
  expect([await around.main(...argv), around.stderr.text]).toEqual([0, ""]);
  return around.stdout.text;
}

describe("a template of inspect", () => {
  test.each<[string[], string]>([
    [["inspect", "-f", "{{.status.phase}}", "web", "job"], "running\nexited\n"],
    [["inspect", "--format={{.meta.created}} {{.status.ip}}\\t", "web"], "2026-03-01T12:00:00.000Z 10.0.0.2\\t\n"],
    [["inspect", "-f", "{{range .config.mounts}}{{.destination}},{{end}}", "web"], "/x,/y,/z,\n"],
    [["inspect", "-f", '{{with index .status "exitCode"}}{{.}}{{else}}-{{end}}', "web", "job"], "-\n137\n"],
    [["inspect", "-f", '{{index .meta.labels "tier"}}{{index .meta.labels "none"}}', "web"], "front\n"],
    [["inspect", "-f", "{{json .config.args}}", "web"], '["sh","-c","echo 1\\necho 2; and more"]\n'],
    [["container", "inspect", "-f", "{{.meta.name}}", "web"], "web\n"],
    [["image", "inspect", "-f", "{{.name}} {{len .layers}}", "x", "y"], "x 0\ny 0\n"],
    [["inspect", "--type", "image", "-f", "{{.config.env}}", "x"], "[]\n"],
    [
      ["network", "inspect", "-f", "{{.name}}{{range .containers}} {{.containerId}}{{end}}", "front"],
      "front voiyd-a\n",
    ],
    [["info", "-f", "{{.Containers}} {{.ContainersRunning}} {{.ServerVersion}}"], "2 1 fake/1\n"],
    [["version", "-f", "{{.Client.Version}} {{.Server.Version}} {{.namespace}}"], "1.2.3 fake/1 voiyd\n"],
  ])("%j", async (argv, text) => {
    expect(await output(formatHost()[0], ...argv)).toBe(text);
  });

  test.each<[string, string, string]>([
    ["Id", "{{.Id}}", "a".repeat(64)],
    ["Name", "{{.Name}}", "/web"],
    ["Created", "{{.Created}}", "2026-03-01T12:00:00.000Z"],
    ["the command", "{{.Path}} {{len .Args}} {{.Config.Cmd}} {{.Config.Entrypoint}}", "sh 2 [sh -c x] <no value>"],
    ["State", "{{.State.Status}} {{.State.Running}} {{.State.Pid}} {{.State.ExitCode}}", "running true 0 0"],
    ["times", "{{.State.StartedAt}} {{.State.FinishedAt}}", "2026-03-01T12:00:00.000Z 0001-01-01T00:00:00Z"],
    ["Health", "{{if .State.Health}}{{.State.Health.Status}} {{len .State.Health.Log}}{{end}}", "healthy 1"],
    [
      "restarts",
      "{{.RestartCount}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}",
      "2 on-failure 3",
    ],
    ["the image", "{{.Config.Image}} {{slice .Image 0 10}}", "nginx:1.27 sha256:111"],
    ["Env", "{{range .Config.Env}}{{println .}}{{end}}", "A=own\nB=\nC=image\n"],
    ["Labels", '{{index .Config.Labels "tier"}}', "front"],
    ["IPAddress", "{{.NetworkSettings.IPAddress}}", "10.0.0.2"],
    [
      "Networks",
      "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.GlobalIPv6Address}} {{.MacAddress}};{{end}}",
      "10.70.0.2 fd00::2 02:00;10.71.0.2  ;",
    ],
    ["a network", "{{.NetworkSettings.Networks.front.Gateway}}", "10.70.0.1"],
    ["Ports", '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}', "8080"],
    ["Mounts", "{{range .Mounts}}{{.Type}}:{{.Destination}}:{{.RW}} {{end}}", "bind:/x:true volume:/y:true "],
    [
      "limits",
      "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.NetworkMode}}",
      "1048576 500000000 front",
    ],
  ])("knows Docker's names: %s", async (_, template, text) => {
    const container = fakeContainer(
      {
        meta: { name: "web", labels: { tier: "front" } },
        config: {
          ...web.config,
          args: ["sh", "-c", "x"],
          envvars: [
            { name: "A", value: "own" },
            { name: "B", value: "" },
          ],
          networks: [{ name: "front" }, { name: "back" }],
          restartPolicy: { name: "on-failure", maxRetries: 3 },
          resources: { memory: 1048576, cpus: 0.5 },
        },
      },
      {
        ports: [{ containerPort: 80, hostPort: 8080 }],
        ip: "10.0.0.2",
        restartCount: 2,
        health: {
          status: "healthy",
          failingStreak: 0,
          log: [{ start: new Date(0), end: new Date(1), exitCode: 0, output: "" }],
        },
      },
    );
    const { runtime } = fakeRuntime([container]);
    const details = await runtime.inspectImage("nginx:1.27");
    const inspectImage = async (): Promise<typeof details> => ({
      ...details,
      config: { ...details.config, env: ["A=image", "C=image"] },
    });
    const v4 = (net: string): InterfaceAddress => ({
      address: `10.${net}.0.2`,
      prefixLength: 24,
      family: 4,
      gateway: `10.${net}.0.1`,
    });
    const attachment: Attachment = {
      containerId: `voiyd-${container.status.id}`,
      namespacePath: "/n",
      ports: [],
      interfaces: [
        { name: "eth1", network: "zoo", addresses: [v4("71")] },
        {
          name: "eth0",
          network: "front",
          mac: "02:00",
          addresses: [v4("70"), { address: "fd00::2", prefixLength: 64, family: 6 }],
        },
      ],
    };
    const { network } = fakeNetwork([front], {
      list: async () => [{ ...attachment, containerId: "other" }, attachment],
    });
    const around = new FakeSurroundings({ ...runtime, inspectImage }, network);
    expect(await output(around, "inspect", "-f", template, "web")).toBe(`${text.replaceAll("\\n", "\n")}\n`);
  });

  test("knows Docker's names for what is not", async () => {
    const template =
      "{{.State.Status}} {{.State.Health}} {{.State.ExitCode}} {{.HostConfig.RestartPolicy.Name}} {{.Mounts}}";
    expect(await output(formatHost()[0], "inspect", "-f", template, "job")).toBe("exited <no value> 137 no []\n");
    const networks = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{else}}none{{end}}";
    expect(await output(formatHost()[0], "inspect", "-f", networks, "job")).toBe("none\n");
  });

  test("has nothing of an image that is gone, and asks for it only when it is shown", async () => {
    const inspectImage = (): Promise<never> => Promise.reject(new RuntimeError("IMAGE_NOT_FOUND", "gone"));
    const [around] = formatHost({ inspectImage });
    expect(await output(around, "inspect", "-f", "{{.Config.Image}} {{.State.Status}}", "web")).toBe(
      "nginx:1.27 running\n",
    );
    const [again] = formatHost({ inspectImage });
    expect(await again.main("inspect", "-f", "{{.Config.Env}}", "web")).toBe(1);
    expect(again.stderr.text).toContain('there is no field "Env"');
    const [failing] = formatHost({ inspectImage: () => Promise.reject(new RuntimeError("UNAVAILABLE", "away")) });
    expect(await failing.main("inspect", "-f", "{{.Config.Env}}", "web")).toBe(1);
    expect(failing.stderr.text).toBe("voiyd: away\n");
    const [unasked] = formatHost({ inspectImage: () => Promise.reject(new Error("asked")) });
    expect(await output(unasked, "inspect", "-f", "{{.State.Status}}", "web")).toBe("running\n");
  });

  test("knows Docker's names of images", async () => {
    const { runtime } = fakeRuntime([]);
    const details = await runtime.inspectImage("x");
    const [around] = formatHost({
      inspectImage: async () => ({
        ...details,
        platform: "linux/arm64/v8",
        names: ["docker.io/library/busybox:1", `docker.io/library/busybox@${details.digest}`, "ghcr.io/o/app:2"],
        builtAt: new Date("2026-01-01T00:00:00.000Z"),
        config: { ...details.config, cmd: ["sh"], exposedPorts: ["80/tcp"], labels: { a: "b" } },
      }),
    });
    const template = [
      ...["{{.Id}}", "{{.RepoTags}}", "{{len .RepoDigests}}", "{{.Os}}/{{.Architecture}}", "{{.Created}}", "{{.Size}}"],
      ...["{{.Config.Cmd}}", "{{range $p, $_ := .Config.ExposedPorts}}{{$p}}{{end}}", "{{.Config.Labels.a}}"],
    ].join(" ");
    expect(await output(around, "image", "inspect", "-f", template, "x")).toBe(
      `${details.digest} [busybox:1 ghcr.io/o/app:2] 2 linux/arm64 2026-01-01T00:00:00.000Z 3000000 [sh] 80/tcp b\n`,
    );
  });

  test("is json on one line, with -f json", async () => {
    expect(await output(formatHost()[0], "inspect", "-f", "json", "web")).toBe(`${JSON.stringify([web])}\n`);
    expect(await output(formatHost()[0], "inspect", "-f", "{{json .}}", "web")).toBe(`${JSON.stringify(web)}\n`);
  });

  test("names the field that is missing, and shows the others", async () => {
    const [around] = formatHost();
    expect(await around.main("inspect", "-f", "{{.status.exitCode}}", "web", "nothing", "job")).toBe(1);
    expect(around.stdout.text).toBe("137\n");
    expect(around.stderr.text).toContain('no container and no image is called "nothing"');
    expect(around.stderr.text).toContain('there is no field "exitCode"');
  });

  test("hands on what there is to programs, and cannot steer a terminal", async () => {
    const argv = ["inspect", "-f", "{{.meta.labels}}\u001b[1m", "web"];
    expect(await output(formatHost()[0], ...argv)).toBe("map[a\u001b[2J:x\ny tier:front]\u001b[1m\n");
    const [around] = formatHost();
    around.stdout = new FakeOutput(true);
    expect(await output(around, ...argv)).toBe("map[a\\x1b[2J:x\ny tier:front]\\x1b[1m\n");
  });
});

test("a template of version shows what it can without a daemon, which is said", async () => {
  const away = { version: () => Promise.reject(new RuntimeError("UNAVAILABLE", "away")) };
  const [ours, theirs] = [formatHost(away)[0], formatHost(away)[0]];
  expect(await ours.main("version", "-f", "{{.Client.Version}}{{with .Server}}{{.Version}}{{end}}")).toBe(1);
  expect([ours.stdout.text, ours.stderr.text]).toEqual(["1.2.3\n", "voiyd: away\n"]);
  expect(await theirs.main("version", "-f", "{{.Server.Version}}")).toBe(1);
  expect([theirs.stdout.text, theirs.stderr.text]).toEqual(["", "voiyd: away\n"]);
});
