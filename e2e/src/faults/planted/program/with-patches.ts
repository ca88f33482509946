// Loaded before the program: registers what plants the defect.
import { register } from "node:module";
import type { Patch } from "../defects.js";

const data = JSON.parse(process.env["VOIYD_PLANTED"] ?? "[]") as readonly Patch[];
if (data.length > 0) register<readonly Patch[]>("./patch-hooks.js", import.meta.url, { data });
