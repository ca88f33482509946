import { buildSpec as build, type SpecInput } from "../spec/build-spec.js";
import type { Spec } from "../spec/oci.js";
import { schemaErrors } from "./oci-schema.js";

/** The specification of a container, as every test builds it: one that is none by the schema fails the test. */
export function buildSpec(input: SpecInput): Spec {
  const spec = build(input);
  const errors = schemaErrors(spec);
  if (errors.length > 0) throw new Error(`a specification that is none by the schema: ${errors.join("; ")}`);
  return spec;
}
