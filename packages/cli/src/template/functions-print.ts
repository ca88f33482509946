import type { ArgumentValue, TemplateFunction } from "./function.js";
import { printf } from "./printf.js";
import { printed } from "./value.js";

/** `print` and its like. */
export const printFunctions: Readonly<Record<string, TemplateFunction>> = {
  print: { arity: [0, Infinity], call: print },
  println: { arity: [0, Infinity], call: (args) => `${args.map(printed).join(" ")}\n` },
  printf: {
    arity: [1, Infinity],
    call: ([format = null, ...args], fail) => {
      if (typeof format !== "string") throw fail("its first argument is a text");
      return printf(format, args, fail);
    },
  },
};

/** With a blank between two that are no texts. */
function print(args: readonly ArgumentValue[]): string {
  return args
    .map((value, index) => {
      const apart = index > 0 && typeof value !== "string" && typeof args[index - 1] !== "string";
      return (apart ? " " : "") + printed(value);
    })
    .join("");
}
