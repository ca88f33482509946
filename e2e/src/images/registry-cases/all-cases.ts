import { BYTES } from "./bytes.js";
import { CONNECTIONS } from "./connections.js";
import { CREDENTIAL_CASES } from "./credentials.js";
import { DOCUMENTS } from "./documents.js";
import { ELSEWHERE } from "./elsewhere.js";
import { LARGE } from "./large.js";
import { LAYERS } from "./layers.js";
import { MIRRORS } from "./mirrors.js";
import { STATUSES } from "./statuses.js";
import type { RegistryCase } from "./registry-case.js";

/** What a registry can do to us, and what must come of it. */
export const REGISTRY_CASES: readonly RegistryCase[] = [
  { name: "an honest registry", outcome: "right" },
  ...CONNECTIONS,
  ...STATUSES,
  ...CREDENTIAL_CASES,
  ...BYTES,
  ...DOCUMENTS,
  ...ELSEWHERE,
  ...MIRRORS,
  ...LAYERS,
  ...LARGE,
];
