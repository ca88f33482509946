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

  report(dryRun: boolean): GcReport {
    const { attachments, leases, rules, ports, namespaces, interfaces, plugins, failed } = this;
    return { dryRun, attachments, leases, rules, ports, namespaces, interfaces, plugins, failed };
  }
}
