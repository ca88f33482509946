import { RuntimeError } from "@voiyd/runtime-api";

/** The error for a configuration that cannot be used. `source` is its file, or what it is otherwise known by. */
export function invalidConfig(source: string, problem: string, cause?: unknown): RuntimeError {
  return new RuntimeError("NETWORK_CONFIG_INVALID", `network configuration ${source}: ${problem}`, {
    details: { source },
    ...(cause === undefined ? {} : { cause }),
  });
}
