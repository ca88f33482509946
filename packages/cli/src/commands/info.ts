import type { Container } from "@voiyd/runtime-api";
import { binaryBytes } from "../output/bytes.js";
import { escapeText, toJson } from "../output/escape.js";
import type { Command } from "./command.js";
import { DETAIL_FORMAT_OPTION, readDetailFormat, type DetailFormat } from "./format.js";
import { jsonView } from "./listing.js";

/** `voiyd info`. */
export const info: Command = {
  usage: "info [OPTIONS]",
  summary: "Show what there is, and on what machine",
  options: { format: DETAIL_FORMAT_OPTION },
  operands: [0, 0],
  async execute({ args, runtime, settings, signal, surroundings }) {
    const format = readDetailFormat(args);
    const connected = await runtime();
    const [version, containers, images, machine] = await Promise.all([
      connected.version({ signal }),
      connected.list({ signal }),
      connected.listImages({ signal }),
      surroundings.machine(),
    ]);
    const count = (...phases: readonly Container["status"]["phase"][]): number =>
      containers.filter(({ status }) => phases.includes(status.phase)).length;
    // Docker's keys.
    const facts = {
      Containers: containers.length,
      ContainersRunning: count("running"),
      ContainersPaused: count("paused"),
      ContainersStopped: containers.length - count("running", "paused"),
      Images: new Set(images.map(({ digest }) => digest)).size,
      ServerVersion: version,
      ClientVersion: surroundings.version(),
      Driver: settings.snapshotter ?? "overlayfs",
      Address: settings.address,
      Namespace: settings.namespace,
      KernelVersion: machine.kernel,
      OperatingSystem: machine.system,
      Architecture: machine.architecture,
      NCPU: machine.processors,
      MemTotal: machine.memory,
      Name: machine.name,
    };
    await surroundings.stdout.write(render(format, facts));
    return 0;
  },
};

const TITLES: Readonly<Record<string, string>> = {
  Containers: "Containers",
  ContainersRunning: " Running",
  ContainersPaused: " Paused",
  ContainersStopped: " Stopped",
  Images: "Images",
  ServerVersion: "Server Version",
  ClientVersion: "Client Version",
  Driver: "Storage Driver",
  Address: "Address",
  Namespace: "Namespace",
  KernelVersion: "Kernel Version",
  OperatingSystem: "Operating System",
  Architecture: "Architecture",
  NCPU: "CPUs",
  MemTotal: "Total Memory",
  Name: "Name",
};

type Facts = Readonly<Record<string, string | number>>;

function render(format: DetailFormat | undefined, facts: Facts): string {
  if (format === undefined) return readable(facts);
  return `${format === "json" ? toJson(facts) : format.render(jsonView(facts))}\n`;
}

function readable(facts: Facts): string {
  return Object.entries(facts)
    .map(([key, value]) => {
      const text = key === "MemTotal" ? binaryBytes(Number(value)) : String(value);
      return `${TITLES[key] ?? key}: ${escapeText(text)}\n`;
    })
    .join("");
}
