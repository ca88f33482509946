import type { ContainerAction, ContainerEvent, ID, Supervision } from "@voiyd/runtime-api";
import { DEFAULT_NAMESPACE, generateId } from "@voiyd/runtime-api";
import { defaultPrograms } from "../programs/default-programs.js";
import type { MemoryClock } from "./clock.js";
import { systemClock } from "./clock.js";
import { EventLog } from "./event-log.js";
import { ContainerTable } from "./container-table.js";
import type { MemoryContainer } from "./memory-container.js";
import { MemoryImages } from "./memory-images.js";
import type { MemoryRuntimeOptions } from "./options.js";
import { PortTable } from "./port-table.js";
import type { Program } from "./program.js";
import { normalizeReference } from "./reference.js";

type EventDetails = Partial<Pick<ContainerEvent, "exitCode" | "pid">>;

const FIRST_PID = 1000;

/** Everything that the in-memory runtime has in place of a host and a daemon. */
export class MemoryHost {
  readonly namespace: string;
  readonly containers: ContainerTable = new ContainerTable();
  readonly images: MemoryImages;
  readonly ports: PortTable = new PortTable();
  readonly events: EventLog = new EventLog();
  readonly programs: ReadonlyMap<string, Program>;
  readonly clock: MemoryClock;
  readonly generateId: () => ID;
  /** Who supervises, and then those who stand by. */
  readonly supervisors: Supervision[] = [];
  readonly #waiting = new Set<() => void>();
  #started = 0;
  #addresses = 0;

  constructor(options: MemoryRuntimeOptions) {
    this.namespace = options.namespace ?? DEFAULT_NAMESPACE;
    this.images = new MemoryImages(options.images ?? { busybox: { args: ["sh"] } });
    this.programs = new Map(Object.entries({ ...defaultPrograms, ...options.programs }));
    this.clock = options.clock ?? systemClock;
    this.generateId = options.generateId ?? generateId;
  }

  nextPid(): number {
    return FIRST_PID + this.#started++;
  }

  /** From 10.69.0.2 on, as the default network gives them. */
  nextAddress(): string {
    const host = 2 + this.#addresses++;
    return `10.69.${String((host >> 8) & 0xff)}.${String(host & 0xff)}`;
  }

  tell(container: MemoryContainer, action: ContainerAction, details: EventDetails = {}): void {
    const { meta, config, status } = container.snapshot;
    const { name, labels } = meta;
    const image = normalizeReference(config.image);
    const time = this.clock.now();
    this.events.add({ action, time, id: status.id, name, image, labels, synthetic: false, ...details });
    this.changed();
  }

  /** Something has happened that a supervisor may have to do with. */
  changed(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  nextChange(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** What is left when a container's process is gone, or never was. */
  remove(container: MemoryContainer): void {
    container.end();
    this.ports.release(container.id);
    this.containers.remove(container);
    if (container.wasStarted) this.tell(container, "destroy");
  }
}
