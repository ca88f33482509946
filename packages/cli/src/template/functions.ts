import { compareFunctions } from "./functions-compare.js";
import { listFunctions } from "./functions-list.js";
import { printFunctions } from "./functions-print.js";
import { textFunctions } from "./functions-text.js";
import type { TemplateFunctions } from "./function.js";

/** Everything that templates can call. */
export const FUNCTIONS: TemplateFunctions = new Map(
  Object.entries({ ...compareFunctions, ...listFunctions, ...printFunctions, ...textFunctions }),
);
