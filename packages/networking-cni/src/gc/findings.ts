import type { GcReport } from "./report.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K] };

/** A report that is being written. */
export class Findings implements Mutable<Omit<GcReport, "dryRun">> {
  readonly attachments: GcReport["attachments"][number][] = [];
  readonly leases: GcReport["leases"][number][] = [];
  readonly rules: string[] = [];
  readonly ports: string[] = [];
  readonly namespaces: string[] = [];
  readonly interfaces: string[] = [];
  readonly plugins: GcReport["plugins"][number][] = [];
  readonly failed: GcReport["failed"][number][] = [];

  /** In an order of its own: containers are detached at the same time, and end as they please. */
  report(dryRun: boolean): GcReport {
    const { leases, rules, ports, namespaces, interfaces, plugins } = this;
    const attachments = this.attachments.toSorted(
      (a, b) => byText(a.containerId, b.containerId) || byText(a.ifName, b.ifName),
    );
    const failed = this.failed.toSorted((a, b) => byText(a.what, b.what));
    return { dryRun, attachments, leases, rules, ports, namespaces, interfaces, plugins, failed };
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
