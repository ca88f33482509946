import type { ContainerUsage, DiskUsageReport, LooseUsage } from "@voiyd/runtime-api";

export interface SummaryRow {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  readonly bytes: number;
  readonly reclaimable: number;
}

/** One row for each kind. The bytes of all of them together are all that there are. */
export function summary(report: DiskUsageReport): readonly SummaryRow[] {
  const { images, containers, volumes, cache, orphans } = report;
  const idle = containers.filter(({ active }) => !active);
  const unused = volumes.filter((volume) => volume.containers.length === 0);
  return [
    {
      type: "Images",
      total: images.length,
      active: images.filter((image) => image.containers.length > 0).length,
      bytes: report.imageBytes,
      reclaimable: report.reclaimableImageBytes,
    },
    {
      type: "Containers",
      total: containers.length,
      active: containers.length - idle.length,
      bytes: sum(containers.map(containerBytes)),
      reclaimable: sum(idle.map(containerBytes)),
    },
    {
      type: "Local Volumes",
      total: volumes.length,
      active: volumes.length - unused.length,
      bytes: sum(volumes.map(({ bytes }) => bytes)),
      reclaimable: sum(unused.map(({ bytes }) => bytes)),
    },
    // Somebody is at work on it, or it is the runtime's own.
    { type: "Cache", total: cache.length, active: cache.length, bytes: looseBytes(cache), reclaimable: 0 },
    {
      type: "Orphans",
      total: orphans.length,
      active: 0,
      bytes: looseBytes(orphans),
      reclaimable: looseBytes(orphans),
    },
  ];
}

/** All that goes when the container goes. */
export function containerBytes({ layerBytes, logBytes, fileBytes, keptBytes }: ContainerUsage): number {
  return layerBytes + logBytes + fileBytes + keptBytes;
}

function looseBytes(loose: readonly LooseUsage[]): number {
  return sum(loose.map(({ bytes }) => bytes));
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
