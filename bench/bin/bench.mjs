// `npm run bench [-- [--smoke] [NAME…]]`: builds what is measured, then measures it.
import { nx } from "../../tools/steps.mjs";

const code = await nx(["run-many", "-t", "build", "executable", "--projects=bench,cli"]);
if (code === 0) await import("../dist/main.js");
else process.exitCode = code;
