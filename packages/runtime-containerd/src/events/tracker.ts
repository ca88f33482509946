import type { ContainerEvent } from "@voiyd/runtime-api";
import { isContainerName, isId } from "@voiyd/runtime-api";
import { LABEL } from "../container/label-names.js";
import type { DaemonEvent } from "./daemon-event.js";
import { type Found, identityOf } from "./list-findings.js";
import type { Removal } from "./removal.js";
import type { Beginning } from "./subscription.js";
import { TrackedContainer } from "./tracked-container.js";

/** More than the log of removals holds. */
const REMEMBERED = 10_000;

/** What a consumer of events has been told so far, of all containers of a namespace. */
export class Tracker {
  readonly #containers = new Map<string, TrackedContainer>();
  /** Records that have been made and have not been told of, with the time: whether they are ours is not known yet. */
  readonly #pending = new Map<string, Date>();
  /** Those whose end has been told: what is kept of them is not told again. The oldest are forgotten. */
  readonly #destroyed = new Set<string>();

  heard(event: DaemonEvent): ContainerEvent[] {
    switch (event.kind) {
      case "created":
        this.#pending.set(event.id, event.time);
        return [];
      case "updated":
        return this.#updated(event);
      case "deleted":
        this.#pending.delete(event.id);
        return this.#gone(event.id, event.time, false);
      default:
        return this.#containers.get(event.id)?.heard(event) ?? [];
    }
  }

  /**
   * Takes up what changed while nobody listened: first what was said since, then what the list has beyond that, then what
   * is kept of those that are gone. What was said to be gone since, or to be there, the list is not asked about.
   */
  resumed({ containers, meanwhile, removals }: Beginning, now: Date): ContainerEvent[] {
    const events = meanwhile.flatMap((event) => this.heard(event));
    const said = new Set(meanwhile.map(({ id }) => id));
    const gone = new Set(meanwhile.flatMap(({ kind, id }) => (kind === "deleted" ? [id] : [])));
    const listed = new Set<string>(containers.map(({ id }) => id));
    for (const found of containers) if (!gone.has(found.id)) events.push(...this.#found(found, now));
    // Who was made since then is heard of in full.
    const made = new Set(meanwhile.flatMap(({ kind, id }) => (kind === "created" ? [id] : [])));
    for (const removal of removals.values()) {
      const { id } = removal;
      if (!listed.has(id) && !made.has(id) && !this.#destroyed.has(id)) events.push(...this.#removed(removal));
    }
    for (const id of this.#containers.keys()) {
      if (!listed.has(id) && !said.has(id)) events.push(...this.#gone(id, now, true));
    }
    for (const id of this.#pending.keys()) if (!listed.has(id) && !said.has(id)) this.#pending.delete(id);
    return events;
  }

  #updated(event: DaemonEvent & { readonly kind: "updated" }): ContainerEvent[] {
    const { id, labels, image, time } = event;
    // A record that loses what makes it ours, or never had it, is not spoken of.
    if (!isId(id) || !isContainerName(labels[LABEL.name] ?? "")) return [];
    const identity = identityOf(labels, image);
    const known = this.#containers.get(id);
    if (known !== undefined) return known.identified(identity, time, false);
    const created = this.#pending.get(id);
    if (created === undefined) return [];
    this.#pending.delete(id);
    return [this.#add(new TrackedContainer(id, identity)).event("create", created)];
  }

  #found({ id, created, isWhole, finding }: Found, now: Date): ContainerEvent[] {
    const known = this.#containers.get(id);
    if (known === undefined && !isWhole) {
      if (!this.#pending.has(id)) this.#pending.set(id, created);
      return [];
    }
    const events: ContainerEvent[] = [];
    this.#pending.delete(id);
    const container = known ?? this.#add(new TrackedContainer(id, finding));
    if (known === undefined) events.push(container.event("create", created, { synthetic: true }));
    const { phase } = finding;
    return phase === undefined
      ? [...events, ...container.identified(finding, now, true)]
      : [...events, ...container.found({ ...finding, phase }, now)];
  }

  /** What is kept of a container that is gone, as far as it has not been told. */
  #removed({ id, created, removed, finding }: Removal): ContainerEvent[] {
    return [...this.#found({ id, created, isWhole: true, finding }, removed), ...this.#gone(id, removed, true)];
  }

  #gone(id: string, time: Date, synthetic: boolean): ContainerEvent[] {
    const container = this.#containers.get(id);
    this.#containers.delete(id);
    if (container === undefined) return [];
    this.#destroyed.add(id);
    const [oldest] = this.#destroyed;
    if (this.#destroyed.size > REMEMBERED && oldest !== undefined) this.#destroyed.delete(oldest);
    return container.destroyed(time, synthetic);
  }

  #add(container: TrackedContainer): TrackedContainer {
    this.#containers.set(container.id, container);
    return container;
  }
}
