import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import type { Spec } from "../spec/oci.js";
import { encodeSpec } from "../spec/encode-spec.js";

const schema: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/oci-runtime-spec.schema.json"), "utf8"),
);
if (typeof schema !== "object" || schema === null) throw new TypeError("the schema is no object");
const validate = new Ajv({ allErrors: true, strict: true }).compile(schema);

/** What is wrong with a specification by the rules in `fixtures/oci-runtime-spec.schema.json`; empty for a right one. */
export function schemaErrors(spec: Spec): readonly string[] {
  return validate(JSON.parse(encodeSpec(spec)))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`);
}
