import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { bareTypeUrl } from "./type-url.js";

/**
 * Packs a message as containerd wants it: with the bare type name as its type URL. Several of the daemon's paths
 * compare the URL as a string, so the `type.googleapis.com/` form that protobuf libraries write breaks them.
 */
export function packAny<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Any {
  return create(AnySchema, { typeUrl: schema.typeName, value: toBinary(schema, create(schema, message)) });
}

/** The message in `any`, or undefined when it holds one of another type. Throws when the bytes are not such a message. */
export function unpackAny<Desc extends DescMessage>(schema: Desc, any: Any): MessageShape<Desc> | undefined {
  return bareTypeUrl(any.typeUrl) === schema.typeName ? fromBinary(schema, any.value) : undefined;
}

/** Packs a value as JSON, which is how containerd carries OCI objects (`types.containerd.io/opencontainers/…`). */
export function packJson(typeUrl: string, value: unknown): Any {
  return create(AnySchema, { typeUrl, value: new TextEncoder().encode(JSON.stringify(value)) });
}

/**
 * The JSON value in `any`, or undefined when it holds another type. Throws a `SyntaxError` when the bytes are not JSON.
 */
export function unpackJson(typeUrl: string, any: Any): unknown {
  if (bareTypeUrl(any.typeUrl) !== typeUrl) return undefined;
  const value: unknown = JSON.parse(decoder.decode(any.value));
  return value;
}

// One for all: a list of a thousand containers would make thousands.
const decoder = new TextDecoder();
