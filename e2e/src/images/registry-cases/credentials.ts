import { answer } from "../misdeeds.js";
import { ALWAYS, CREDENTIALS, basicOnly, wrong, type CaseStage, type RegistryCase } from "./registry-case.js";

/** A registry that wants a token, from a service on `realm`. */
function tokenOnly({ registry }: CaseStage, realm = `http://${registry.host}/token`, life = ALWAYS): void {
  let uses = 0;
  let issued = 0;
  registry.guard = ({ kind, headers }, response) => {
    if (kind === "token") return true;
    uses += 1;
    const current = headers.authorization === `Bearer token-${String(issued)}`;
    if (current && uses <= life) return true;
    uses = 0;
    response
      .writeHead(401, {
        "www-authenticate": `Bearer realm="${realm}",service="s"`,
        "content-length": "0",
      })
      .end();
    return false;
  };
  registry.script(
    "token",
    (_asked, response) => {
      issued += 1;
      uses = 0;
      response.end(JSON.stringify({ token: `token-${String(issued)}`, expires_in: 3600 }));
    },
    ALWAYS,
  );
}

/** Registries that want to know who asks, and token services. */
export const CREDENTIAL_CASES: readonly RegistryCase[] = [
  {
    name: "401 with Basic, and we know the password",
    outcome: "right",
    options: () => CREDENTIALS,
    arrange: basicOnly,
  },
  wrong("401 with Basic, and nobody knows the password", "REGISTRY_UNAUTHORIZED", basicOnly),
  {
    name: "401 always",
    outcome: "REGISTRY_UNAUTHORIZED",
    options: () => CREDENTIALS,
    arrange: ({ registry }) => {
      registry.script("any", answer(401, { "www-authenticate": "Basic" }), ALWAYS);
    },
  },
  wrong("401 without a word on how", "REGISTRY_UNAUTHORIZED", ({ registry }) => {
    registry.script("any", answer(401), ALWAYS);
  }),
  wrong("a token, for anybody", "right", tokenOnly),
  {
    name: "a token, with a password",
    outcome: "right",
    options: () => CREDENTIALS,
    arrange: (stage) => {
      tokenOnly(stage);
    },
  },
  wrong("a token that ends in the middle of the pull", "right", (stage) => {
    tokenOnly(stage, undefined, 2);
  }),
  wrong("a token service that fails once", "right", (stage) => {
    stage.registry.script("token", answer(503));
    tokenOnly(stage);
  }),
  wrong("a token service that refuses", "REGISTRY_UNAUTHORIZED", (stage) => {
    stage.registry.script("token", answer(403), ALWAYS);
    tokenOnly(stage);
  }),
  wrong("a token service that answers no JSON", "REGISTRY_ERROR", (stage) => {
    stage.registry.script("token", answer(200, {}, "<html>"), ALWAYS);
    tokenOnly(stage);
  }),
  {
    ...wrong("a token service on plain HTTP elsewhere", "REGISTRY_ERROR", (stage) => {
      tokenOnly(stage, "http://token.example/token");
    }),
    options: () => CREDENTIALS,
  },
  wrong("a token service at the metadata address", "REGISTRY_ERROR", (stage) => {
    tokenOnly(stage, "https://169.254.169.254/token");
  }),
];
