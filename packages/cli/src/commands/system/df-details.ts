import type { DiskUsageReport, LooseUsage } from "@voiyd/runtime-api";
import { humanBytes } from "../../output/bytes.js";
import { familiarName } from "../../output/familiar-name.js";
import { renderTable } from "../../output/table.js";
import { ago } from "../../output/time.js";
import { containerBytes } from "./df-summary.js";

const SHORT_ID = 12;

/** Everything by itself, with Docker's columns where Docker has them. */
export function renderDetails(report: DiskUsageReport, now: Date): string {
  const images = report.images.map((image) => {
    const { repository, tag } = familiarName(image.name);
    return [
      repository,
      tag,
      image.digest.slice(image.digest.indexOf(":") + 1).slice(0, SHORT_ID),
      ago(image.created, now),
      humanBytes(image.bytes),
      humanBytes(image.sharedBytes),
      humanBytes(image.bytes - image.sharedBytes),
      String(image.containers.length),
    ];
  });
  const containers = report.containers.map((container) => [
    container.id.slice(0, SHORT_ID),
    container.image,
    String(container.volumes.length),
    humanBytes(containerBytes(container)),
    humanBytes(container.layerBytes + container.keptBytes),
    humanBytes(container.logBytes),
    humanBytes(container.fileBytes),
    ago(container.created, now),
    container.active ? "active" : "idle",
    container.name,
  ]);
  const volumes = report.volumes.map(({ name, containers: users, bytes }) => [
    name,
    String(users.length),
    humanBytes(bytes),
  ]);
  return [
    part(
      "Images",
      ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"],
      images,
    ),
    part(
      "Containers",
      ["CONTAINER ID", "IMAGE", "LOCAL VOLUMES", "SIZE", "LAYER", "LOGS", "FILES", "CREATED", "STATUS", "NAMES"],
      containers,
    ),
    part("Local Volumes", ["VOLUME NAME", "LINKS", "SIZE"], volumes),
    part("Cache", LOOSE, report.cache.map(looseRow)),
    part("Orphans", LOOSE, report.orphans.map(looseRow)),
  ].join("\n");
}

const LOOSE = ["KIND", "SIZE", "REASON", "SUBJECT"];

function looseRow({ kind, bytes, meaning, subject }: LooseUsage): string[] {
  return [kind, humanBytes(bytes), meaning, subject];
}

function part(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${title} space usage:\n\n${renderTable(header, rows)}`;
}
