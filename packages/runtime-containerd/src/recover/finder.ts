import type { Remnant } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";

export type Options = { signal?: AbortSignal };

/** Something that was found, and how it is put in order. */
export interface Finding extends Remnant {
  /** Looks once more before it acts: what was found may have become somebody's business since. Idempotent. */
  mend(options: Options): Promise<void>;
}

/** Finds one kind of thing, and changes nothing. */
export type Finder = (context: RuntimeContext, options: Options) => Promise<readonly Finding[]>;
