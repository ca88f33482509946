import { bareTypeUrl } from "@voiyd/containerd-client";
import { RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import type { ContainerRecord } from "./container-store.js";
import { isRecord } from "./json.js";

export type Json = Readonly<Record<string, unknown>>;

/** The OCI specification that a container was last made with. Throws `DATA_LOSS` for one that cannot be read. */
export async function readSpec(context: RuntimeContext, id: string, options: { signal?: AbortSignal }): Promise<Json> {
  const { container } = await context.client.containers.get({ id }, options);
  const any = container?.spec;
  if (any !== undefined && bareTypeUrl(any.typeUrl).endsWith("runtime-spec/1/Spec")) {
    const spec: unknown = parse(any.value);
    if (isRecord(spec)) return spec;
  }
  throw new RuntimeError("DATA_LOSS", `container ${id}: its specification cannot be read`, {
    details: { container: id },
  });
}

/** The part about the first process. Throws `FAILED_PRECONDITION` where there is none: it was never started. */
export function processOf({ id, spec }: Pick<ContainerRecord, "id" | "spec">): Json {
  const found = spec();
  if (isRecord(found) && isRecord(found["process"])) return found["process"];
  throw new RuntimeError("FAILED_PRECONDITION", `container ${id} was never started`, { details: { container: id } });
}

function parse(value: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(value));
  } catch {
    // Whoever asked says what it was.
    return undefined;
  }
}
