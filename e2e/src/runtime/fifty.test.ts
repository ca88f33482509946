import { expect } from "@jest/globals";
import type { Container } from "@voiyd/runtime-api";
import { describeOnHost } from "../fixture/on-host.js";

const COUNT = 50;

/** A server is listening a moment after its process has started. */
async function ask(container: Container): Promise<string> {
  const port = container.status.ports?.[0]?.hostPort;
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch(`http://127.0.0.1:${port ?? 0}/`, { signal: AbortSignal.timeout(10_000) });
      return await response.text();
    } catch (error) {
      if (attempt >= 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

await describeOnHost("fifty containers at once", (test) => {
  test(
    "run with a published port each, answer all, and are deleted without a trace",
    async (stage) => {
      const { runtime } = stage.main;
      const names = Array.from({ length: COUNT }, (_, index) => `fifty-${index}`);
      const containers = await Promise.all(
        names.map((name) =>
          runtime.run({
            meta: { name },
            config: {
              image: stage.busybox,
              args: ["sh", "-c", `mkdir -p /srv && echo ${name} > /srv/index.html && exec httpd -f -p 80 -h /srv`],
              portMappings: [{ hostPort: 0, containerPort: 80 }],
            },
          }),
        ),
      );
      expect(new Set(containers.map(({ status }) => status.ip)).size).toBe(COUNT);
      expect(new Set(containers.map(({ status }) => status.ports?.[0]?.hostPort)).size).toBe(COUNT);
      const answers = await Promise.all(containers.map(ask));
      expect(answers.map((text) => text.trim())).toEqual(names);
      await Promise.all(names.map((name) => runtime.delete(name)));
      expect(await runtime.list()).toEqual([]);
    },
    { timeoutMs: 300_000 },
  );
});
