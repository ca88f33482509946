// Marks dist/cjs of the package in the current folder as CommonJS, because the package itself is "type": "module".
import { writeFileSync } from "node:fs";

writeFileSync("dist/cjs/package.json", `${JSON.stringify({ type: "commonjs" })}\n`);
