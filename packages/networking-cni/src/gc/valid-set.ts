import { RuntimeError } from "@voiyd/runtime-api";
import { assertContainerId } from "../protocol/identifiers.js";
import type { AttachmentKey } from "../protocol/request.js";
import type { ValidAttachment } from "./report.js";

/** What a caller says is in use. */
export class ValidSet {
  readonly #containers = new Set<string>();
  readonly #interfaces = new Map<string, Set<string>>();

  /** Throws `INVALID_ARGUMENT` for what is no id, and for nothing at all unless that is allowed. */
  constructor(valid: Iterable<ValidAttachment>, allowEmpty: boolean) {
    for (const one of valid) {
      const containerId = typeof one === "string" ? one : one.containerId;
      assertContainerId(containerId);
      if (typeof one === "string") this.#containers.add(containerId);
      else this.#interfaces.set(containerId, (this.#interfaces.get(containerId) ?? new Set()).add(one.ifName));
    }
    if (allowEmpty || this.#containers.size > 0 || this.#interfaces.size > 0) return;
    throw new RuntimeError("INVALID_ARGUMENT", "valid: nothing is in use, so everything would be removed", {
      hint: "Say allowEmpty: true if that is what you want",
      details: { option: "valid" },
    });
  }

  has({ containerId, ifName }: AttachmentKey): boolean {
    return this.#containers.has(containerId) || this.#interfaces.get(containerId)?.has(ifName) === true;
  }

  /** Whether anything of the container is in use. */
  hasContainer(containerId: string): boolean {
    return this.#containers.has(containerId) || this.#interfaces.has(containerId);
  }

  /** As plugins are told. Of a container that is in use as a whole, `known` are its interfaces. */
  keys(known: readonly AttachmentKey[]): readonly AttachmentKey[] {
    const whole = [...this.#containers].flatMap((containerId) => {
      const own = known.filter((key) => key.containerId === containerId);
      return own.length > 0 ? own : [{ containerId, ifName: "eth0" }];
    });
    const single = [...this.#interfaces].flatMap(([containerId, names]) =>
      Array.from(names, (ifName) => ({ containerId, ifName })),
    );
    return [...whole, ...single];
  }
}
