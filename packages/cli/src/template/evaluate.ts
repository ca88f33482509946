import type { Fail, TemplateFunctions } from "./function.js";
import { problemAt } from "./problem.js";
import type { ControlNode, Node, Operand, PathOperand, Pipe, PipeCommand } from "./syntax.js";
import {
  entriesOf,
  isFields,
  isList,
  isTrue,
  printed,
  View,
  whole,
  described,
  type Method,
  type Value,
} from "./value.js";

/** What nobody needs, and what a mistake in a template would otherwise take all time and memory for. */
const MOST_STEPS = 1_000_000;
const LONGEST_TEXT = 16 * 1024 * 1024;

export interface Evaluation {
  readonly source: string;
  readonly nodes: readonly Node[];
  readonly functions: TemplateFunctions;
  /** Is given each piece of text as it comes. */
  readonly write: (text: string) => void;
}

interface Variable {
  readonly name: string;
  value: Value;
}

/** Writes what a template makes of `data`. Throws a {@link UsageError} for what it cannot make anything of. */
export function evaluate(evaluation: Evaluation, data: Value): void {
  new Evaluator(evaluation, data).list(evaluation.nodes, data);
}

class Evaluator {
  readonly #evaluation: Evaluation;
  readonly #variables: Variable[];
  #steps = 0;
  #length = 0;

  constructor(evaluation: Evaluation, data: Value) {
    this.#evaluation = evaluation;
    this.#variables = [{ name: "", value: data }];
  }

  list(nodes: readonly Node[], dot: Value): void {
    for (const node of nodes) {
      if (node.kind === "text") this.#write(node.text, 0);
      else if (node.kind === "action") this.#action(node.pipe, dot);
      else this.#control(node, dot);
    }
  }

  #action(pipe: Pipe, dot: Value): void {
    const value = this.#pipe(pipe, dot);
    if (pipe.variables.length > 0) this.#set(pipe, [value]);
    else this.#write(whole(value) === null ? "<no value>" : printed(value), pipe.at);
  }

  /** Its variables end with it. */
  #control(node: ControlNode, dot: Value): void {
    const outer = this.#variables.length;
    const value = this.#pipe(node.pipe, dot);
    if (node.kind === "range") this.#range(node, value, dot);
    else {
      this.#set(node.pipe, [value]);
      const holds = isTrue(value);
      this.list(holds ? node.body : node.otherwise, holds && node.kind === "with" ? value : dot);
    }
    this.#variables.length = outer;
  }

  #range({ pipe, body, otherwise }: ControlNode, value: Value, dot: Value): void {
    const turns = this.#turns(whole(value), pipe);
    const outer = this.#variables.length;
    for (const [key, item] of turns) {
      this.#step(pipe.at);
      this.#set(pipe, pipe.variables.length === 2 ? [key, item] : [item]);
      this.list(body, item);
      this.#variables.length = outer;
    }
    if (turns.length === 0) this.list(otherwise, dot);
  }

  #turns(value: Value, { at }: Pipe): readonly (readonly [Value, Value])[] {
    if (value === null) return [];
    if (isList(value)) return value.map((item, index) => [index, item]);
    if (isFields(value)) return entriesOf(value);
    throw this.#problem(at, `range goes through a list or a map, not ${described(value)}`);
  }

  #set({ variables, assigns }: Pipe, values: readonly Value[]): void {
    for (const [index, name] of variables.entries()) {
      const value = values[index] ?? null;
      const known = assigns ? this.#variables.findLast((variable) => variable.name === name) : undefined;
      if (known === undefined) this.#variables.push({ name, value });
      else known.value = value;
    }
  }

  #pipe(pipe: Pipe, dot: Value): Value {
    let value: Value | undefined;
    for (const command of pipe.commands) value = this.#command(command, dot, value);
    return value ?? null;
  }

  /** `piped` comes as the last argument. */
  #command({ first, rest }: PipeCommand, dot: Value, piped: Value | undefined): Value {
    const more: readonly (() => Value)[] = [
      ...rest.map((operand) => () => this.#operand(operand, dot)),
      ...(piped === undefined ? [] : [() => piped]),
    ];
    switch (first.kind) {
      case "literal":
        return first.value;
      case "function":
        return this.#call(first.name, more, first.at);
      case "path":
        return this.#path(first, dot, more);
    }
  }

  #operand(operand: Operand, dot: Value): Value {
    return this.#command({ first: operand, rest: [] }, dot, undefined);
  }

  #path({ at, from, names }: PathOperand, dot: Value, args: readonly (() => Value)[]): Value {
    this.#step(at);
    let value: Value | Method = this.#start(from, dot);
    for (const { name, at: place } of names) {
      if (typeof value === "function")
        throw this.#problem(place, "the field before it takes a word, and is at the end");
      value = this.#field(value, name, place);
    }
    if (typeof value !== "function") {
      if (args.length > 0) throw this.#problem(at, "a value takes no arguments", "functions have no dot before them");
      return value;
    }
    const words = args.map((argument) => whole(argument()));
    const [word] = words;
    if (words.length !== 1 || typeof word !== "string") throw this.#problem(at, "this field takes one word");
    return value(word);
  }

  #start(from: PathOperand["from"], dot: Value): Value {
    if (from.kind === "dot") return dot;
    if (from.kind === "pipe") return this.#pipe(from, dot);
    return this.#variables.findLast(({ name }) => name === from.name)?.value ?? null;
  }

  #field(value: Value, name: string, at: number): Value | Method {
    const names = value instanceof View ? value.names : isFields(value) ? value : undefined;
    if (names === undefined) throw this.#problem(at, `${described(value)} has no field ${JSON.stringify(name)}`);
    const found = Object.hasOwn(names, name) ? names[name] : undefined;
    if (found !== undefined) return found;
    const known = Object.keys(names).sort().join(", ");
    throw this.#problem(
      at,
      `there is no field ${JSON.stringify(name)}`,
      known === "" ? "there are no fields at all" : `there are ${known}`,
    );
  }

  #call(name: string, args: readonly (() => Value)[], at: number): Value {
    this.#step(at);
    const called = this.#evaluation.functions.get(name);
    const fail: Fail = (problem, hint) => this.#problem(at, `${name}: ${problem}`, hint);
    if (called === undefined) throw fail("there is no such function");
    const [least, most] = called.arity;
    if (args.length < least || args.length > most)
      throw fail(`it takes ${least === most ? "" : "at least "}${least}, not ${args.length}`);
    // As in Go, what does not count any more is not looked at.
    if (name === "and" || name === "or") return firstThat(args, (value) => isTrue(value) === (name === "or"));
    const values = args.map((argument) => whole(argument()));
    const result = called.call(values, fail);
    if (typeof result === "string" && result.length > LONGEST_TEXT) throw fail("a text that is too long");
    return result;
  }

  #write(text: string, at: number): void {
    this.#length += text.length;
    if (this.#length > LONGEST_TEXT) throw this.#problem(at, "a text that is too long");
    this.#evaluation.write(text);
  }

  #step(at: number): void {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw this.#problem(at, "this goes on for too long");
  }

  #problem(at: number, problem: string, hint?: string): Error {
    return problemAt(this.#evaluation.source, at, problem, hint);
  }
}

/** The first value that decides, or else the last one. */
function firstThat(args: readonly (() => Value)[], decides: (value: Value) => boolean): Value {
  let value: Value = null;
  for (const argument of args) {
    value = argument();
    if (decides(value)) break;
  }
  return value;
}
