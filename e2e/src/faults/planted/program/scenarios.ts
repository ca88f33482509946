import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerdClient } from "@voiyd/containerd-client";
import type { ContainerRequest } from "@voiyd/runtime-api";
import type { ContainerdRuntime } from "@voiyd/runtime-containerd";
import { freeze } from "./freeze.js";

/** What a scenario is given. */
export interface Room {
  readonly client: ContainerdClient;
  readonly runtime: ContainerdRuntime;
  /** The same in another namespace. */
  readonly neighbour: ContainerdRuntime;
  readonly image: string;
  /** An image that is there for the pulling. */
  readonly pulled: string;
  readonly stateDir: string;
  /** A living process that is not this one, and one that is long gone but for its pid. */
  readonly living: string;
  readonly recycled: string;
  /** Something is not as promised. */
  readonly problem: (text: string) => void;
  /** Everything is as it is to be while it runs: somebody else looks at the host. */
  readonly atRest: () => Promise<void>;
}

/** How long a frozen shim may hold up who does not need it, in milliseconds: six times what it does. */
const PATIENCE_MS = 2_500;

/** Ends by itself only when it is told to, and then at once, with 3. */
const PATIENT = "trap 'exit 3' TERM; while :; do sleep 1 & wait $!; done";

function request({ image }: Room, config: Partial<ContainerRequest["config"]> = {}, name = "box"): ContainerRequest {
  return { meta: { name }, config: { image, args: ["sh", "-c", PATIENT], ...config } };
}

export const SCENARIOS = {
  /** A container's whole life, with a network and a port. */
  life: async (room: Room) => {
    const { runtime, problem, stateDir } = room;
    const { status } = await runtime.run(request(room, { portMappings: [{ hostPort: 0, containerPort: 80 }] }));
    const process = await runtime.exec("box", { args: ["true"] });
    await Promise.all([process.stdout.cancel(), process.stderr.cancel()]);
    await process.exited;
    await process[Symbol.asyncDispose]();
    const pipes = (await readdir(join(stateDir, `voiyd-${status.id}`))).filter((name) => name.startsWith("exec-"));
    if (pipes.length > 0) problem(`pipes of an exec are left: ${pipes.join(", ")}`);
    await room.atRest();
    await runtime.stop("box", { timeoutMs: 5_000 });
    const stopped = (await runtime.get("box")).status;
    if (stopped.phase !== "exited" || stopped.exitCode !== 3) {
      problem(`after a stop it is ${stopped.phase} with exit code ${String(stopped.exitCode)}`);
    }
    await runtime.delete("box");
  },

  /** What has to be refused, and leave nothing. */
  refusals: async (room: Room) => {
    const { runtime } = room;
    await refused(room, "COMMAND_NOT_FOUND", runtime.run(request(room, { args: ["/no/such/program"] }, "typo")));
    const port = [{ hostPort: 18_931, containerPort: 80 }];
    await runtime.run(request(room, { portMappings: port }));
    await refused(room, "NAME_IN_USE", runtime.run(request(room, { network: "none" })));
    await refused(room, "PORT_IN_USE", runtime.run(request(room, { portMappings: port }, "second")));
    await room.atRest();
    await runtime.delete("box");
  },

  /** A shim that does not answer. */
  frozen: async (room: Room) => {
    const { runtime, problem } = room;
    const { status } = await runtime.run(request(room, { network: "none" }));
    const shim = await shimOf(status.pid ?? 0);
    try {
      await freeze(shim);
      const started = performance.now();
      const patience = AbortSignal.timeout(PATIENCE_MS);
      const phases = await runtime.list({ signal: patience }).catch((error: unknown) => {
        if (!patience.aborted) throw error;
        problem(`a list beside a frozen shim takes more than ${String(PATIENCE_MS)} ms`);
      });
      const phase = phases?.find(({ meta }) => meta.name === "box")?.status.phase;
      if (phases !== undefined && phase !== "unknown") {
        problem(`with a frozen shim it is ${String(phase)}, ${String(performance.now() - started)} ms later`);
      }
    } finally {
      process.kill(shim, "SIGCONT");
    }
    await runtime.delete("box");
  },

  /** What a recovery may take for abandoned, and what not. */
  recovery: async (room: Room) => {
    const { runtime, neighbour, client, problem, image } = room;
    await neighbour.pullImage(image);
    await Promise.all([
      runtime.run(request(room, { network: "none" })),
      runtime.run(request(room, { network: "none" }, "second")),
      neighbour.run(request(room, { network: "none" }, "neighbour")),
    ]);
    await label(client, await runtime.id("box"), room.living);
    await label(client, await runtime.id("second"), room.recycled);
    await runtime.recover();
    const names = (await runtime.list()).map(({ meta }) => meta.name);
    if (!names.includes("box")) problem("what a living process makes was taken for abandoned");
    if (names.includes("second")) problem("what a dead process half made was left, for another process with its pid");
    const { stdout } = await neighbour.io("neighbour").catch(() => ({ stdout: undefined }));
    if (stdout === undefined) problem("the logs of another namespace were removed");
    await stdout?.cancel();
    await Promise.all([runtime.delete("box"), runtime.delete("second"), neighbour.delete("neighbour")]);
    await neighbour.removeImage(image);
  },

  /** An image comes and goes. */
  pull: async ({ runtime, pulled }: Room) => {
    await runtime.pullImage(pulled);
    await runtime.removeImage(pulled);
  },

  /** The process is killed as soon as the record is deleted: by then there must be nothing else. */
  cut: async (room: Room) => {
    await room.runtime.run(request(room));
    await room.runtime.delete("box");
    room.problem("a delete that does not delete the record");
  },
} satisfies Record<string, (room: Room) => Promise<void>>;

export type ScenarioName = keyof typeof SCENARIOS;

async function refused({ problem }: Room, code: string, work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const seen = typeof error === "object" && error !== null && "code" in error ? error.code : String(error);
  if (seen !== code) problem(`${String(seen)} in place of ${code}`);
}

async function label(client: ContainerdClient, id: string, instance: string): Promise<void> {
  const labels = { "voiyd.io/phase": "creating", "voiyd.io/instance": instance };
  const paths = Object.keys(labels).map((key) => `labels.${key}`);
  await client.containers.update({ container: { id, labels }, updateMask: { paths } });
}

/** The parent of a container's first process. */
async function shimOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8");
  const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  if (parent <= 1) throw new Error(`process ${String(pid)} has no shim`);
  return parent;
}
