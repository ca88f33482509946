import type { Value, View } from "./value.js";

/** Makes an error that says where in the template it happened; to be thrown. */
export type Fail = (problem: string, hint?: string) => Error;

export type ArgumentValue = Exclude<Value, View>;

/** Something that a template can call. */
export interface TemplateFunction {
  /** The least and the greatest number of arguments. */
  readonly arity: readonly [least: number, most: number];
  readonly call: (args: readonly ArgumentValue[], fail: Fail) => Value;
}

export type TemplateFunctions = ReadonlyMap<string, TemplateFunction>;
