import type { ContainerRef, ID } from "@voiyd/runtime-api";
import { RuntimeError } from "@voiyd/runtime-api";
import type { MemoryContainer } from "./memory-container.js";

/** The containers of a simulated namespace: names are unique, and found exactly. */
export class ContainerTable {
  readonly #byId = new Map<ID, MemoryContainer>();

  /** Throws `NAME_IN_USE`. */
  add(container: MemoryContainer): void {
    for (const { id, name } of this.#byId.values()) {
      if (name !== container.name) continue;
      throw new RuntimeError("NAME_IN_USE", `the name ${name} is in use by container ${id}`, {
        hint: "choose another name, or delete that container",
        details: { name, owner: id },
      });
    }
    this.#byId.set(container.id, container);
  }

  remove(container: MemoryContainer): void {
    this.#byId.delete(container.id);
  }

  all(): MemoryContainer[] {
    return [...this.#byId.values()];
  }

  /** Throws `NOT_FOUND`, `AMBIGUOUS_ID`. */
  get(ref: ContainerRef): MemoryContainer {
    const found = this.find(ref);
    if (found !== undefined) return found;
    const shown = keyOf(ref);
    throw new RuntimeError("NOT_FOUND", `container ${JSON.stringify(shown)} does not exist`, {
      details: { container: shown },
    });
  }

  /** Throws `AMBIGUOUS_ID`. */
  find(ref: ContainerRef): MemoryContainer | undefined {
    const key = keyOf(ref);
    const exact = this.all().filter(({ id, name }) => id === key || name === key);
    // Where a name or an id fits exactly, prefixes are not asked for. The empty text is everybody's prefix, so nobody's.
    const matches = exact.length > 0 || key === "" ? exact : this.all().filter(({ id }) => id.startsWith(key));
    if (matches.length <= 1) return matches[0];
    throw new RuntimeError("AMBIGUOUS_ID", `${JSON.stringify(key)} fits ${String(matches.length)} containers`, {
      hint: "give more characters of the id, or the name",
      details: { container: key, matches: matches.map(({ id }) => id) },
    });
  }
}

function keyOf(ref: ContainerRef): string {
  if (typeof ref === "string") return ref;
  return "status" in ref ? ref.status.id : ref.meta.name;
}
