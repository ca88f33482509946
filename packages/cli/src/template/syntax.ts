/** A template that was read. Every `at` is where in its text a thing begins. */
export type Node =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "action"; readonly pipe: Pipe } | ControlNode;

export interface ControlNode {
  readonly kind: ControlKind;
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  /** What stands behind `else`; an `else if` is a node of its own there. */
  readonly otherwise: readonly Node[];
}

export type ControlKind = "if" | "range" | "with";

/** Commands in a row, each of which is given what the one before it resulted in. */
export interface Pipe {
  readonly kind: "pipe";
  readonly at: number;
  /** The variables that the result goes to, without their `$`; two of them only in `range`. */
  readonly variables: readonly string[];
  /** Whether the variables are there already: `=` in the place of `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly PipeCommand[];
}

/** A function with its arguments, or a value. */
export interface PipeCommand {
  readonly first: Operand;
  readonly rest: readonly Operand[];
}

export type Operand =
  | { readonly kind: "literal"; readonly at: number; readonly value: string | number | boolean | null }
  | { readonly kind: "function"; readonly at: number; readonly name: string }
  | PathOperand;

/** A value, and the names of fields to go down from there. */
export interface PathOperand {
  readonly kind: "path";
  readonly at: number;
  readonly from: { readonly kind: "dot" } | { readonly kind: "variable"; readonly name: string } | Pipe;
  readonly names: readonly FieldName[];
}

export interface FieldName {
  readonly at: number;
  readonly name: string;
}
