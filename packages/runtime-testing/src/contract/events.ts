import { strictEqual } from "node:assert/strict";
import type { ContainerEvent, Events, EventsOptions, Runtime } from "@voiyd/runtime-api";
import { hasEvents } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

export function eventsContract(promised: Promised): void {
  promised(
    "a container's whole life, each change once and in order",
    async ({ harness, runtime, request, run, untilExited }) => {
      const events = withEvents(runtime).events()[Symbol.asyncIterator]();
      const first = events.next();
      await run(harness.programs.sleepForever);
      // From its first word on it listens.
      await first;
      const container = await runtime.run(request(harness.programs.exitWith(6), {}, { labels: { a: "b" } }));
      await untilExited(container.status.id);
      await runtime.delete(container);
      const life: ContainerEvent[] = [];
      while (life.at(-1)?.action !== "destroy") {
        const next = await events.next();
        if (next.done === true) throw new Error("the events ended");
        if (next.value.id === container.status.id) life.push(next.value);
      }
      await events.return?.();
      assertSame(
        life.map(({ action, exitCode }) => [action, exitCode]),
        [
          ["create", undefined],
          ["start", undefined],
          ["die", 6],
          ["destroy", undefined],
        ],
      );
      for (const { id, name, labels, time } of life) {
        assertSame([id, name, labels], [container.status.id, container.meta.name, { a: "b" }]);
        strictEqual(Number.isNaN(time.getTime()), false);
      }
    },
  );

  promised("what is on record since a moment, and no later than another", async ({ harness, runtime, runToItsEnd }) => {
    const since = new Date(Date.now() - 1);
    const container = await runToItsEnd(harness.programs.exitWith(3));
    const past = await collect(runtime, { since, until: new Date(Date.now() + 1) });
    assertSame(
      past.filter(({ id }) => id === container.status.id).map(({ action }) => action),
      ["create", "start", "die"],
    );
    assertSame(await collect(runtime, { since: new Date(0), until: new Date(0) }), []);
  });

  promised("filters choose by container, action, image and label", async ({ harness, runtime, runToItsEnd }) => {
    const since = new Date(Date.now() - 1);
    const one = await runToItsEnd(harness.programs.exitWith(0));
    const other = await runToItsEnd(harness.programs.exitWith(0));
    const chosen = async (filters: EventsOptions["filters"]): Promise<readonly string[]> =>
      (await collect(runtime, { since, until: new Date(Date.now() + 1), ...(filters && { filters }) })).map(
        ({ name, action }) => `${action} ${name}`,
      );
    const { name } = one.meta;
    assertSame(await chosen({ containers: [name], actions: ["die"] }), [`die ${name}`]);
    assertSame(await chosen({ containers: [one.status.id.slice(0, 20)], actions: ["start"] }), [`start ${name}`]);
    assertSame(await chosen({ actions: ["start"] }), [`start ${name}`, `start ${other.meta.name}`]);
    assertSame(await chosen({ labels: { none: "" } }), []);
    assertSame(await chosen({ images: [harness.missingImage] }), []);
    strictEqual((await chosen({ images: [harness.image] })).length, 6);
  });

  promised("an abort ends them with its reason", async ({ runtime }) => {
    const abort = new AbortController();
    const reason = new Error("heard enough");
    const ended = rejectsWithReason(
      reason,
      until(withEvents(runtime).events({ signal: abort.signal }), () => false),
    );
    abort.abort(reason);
    await ended;
  });
}

async function until(
  events: AsyncIterable<ContainerEvent>,
  isLast: (event: ContainerEvent) => boolean,
): Promise<ContainerEvent[]> {
  const seen: ContainerEvent[] = [];
  for await (const event of events) {
    seen.push(event);
    if (isLast(event)) break;
  }
  return seen;
}

async function collect(runtime: Runtime, options: EventsOptions): Promise<ContainerEvent[]> {
  return until(withEvents(runtime).events(options), () => false);
}

function withEvents(runtime: Runtime): Events {
  if (!hasEvents(runtime)) throw new Error("the runtime was declared to have the capability `events`");
  return runtime;
}
