import type { RegistryOptions } from "@voiyd/oci-registry";
import type { RuntimeErrorCode } from "@voiyd/runtime-api";
import type { CaseImage } from "../case-image.js";
import type { MisbehavingRegistry, Misdeed } from "../misbehaving-registry.js";

/** What a case is given to arrange. */
export interface CaseStage {
  readonly registry: MisbehavingRegistry;
  /** Another server: of a mirror, a redirect, an attacker. */
  readonly other: MisbehavingRegistry;
  readonly image: CaseImage;
  readonly repository: string;
  /** Puts the image on `registry`. Unless it is called, that is done after `arrange`. */
  readonly serve: () => string;
}

export interface RegistryCase {
  readonly name: string;
  readonly outcome: "right" | RuntimeErrorCode;
  /** Asked for by digest rather than by tag. */
  readonly byDigest?: boolean;
  readonly options?: (stage: CaseStage) => RegistryOptions;
  readonly arrange?: (stage: CaseStage) => void;
  /** What must hold afterwards. */
  readonly check?: (stage: CaseStage) => void;
}

export const ALWAYS = Number.POSITIVE_INFINITY;
export const CREDENTIALS: RegistryOptions = {
  credentials: () =>
    Promise.resolve({
      kind: "password",
      username: "ada",
      password: "canary-secret",
    }),
};
const BASIC = `Basic ${Buffer.from("ada:canary-secret").toString("base64")}`;

export const wrong = (
  name: string,
  outcome: RegistryCase["outcome"],
  arrange: (stage: CaseStage) => void,
): RegistryCase => ({
  name,
  outcome,
  arrange,
});
export const once = (
  name: string,
  outcome: RegistryCase["outcome"],
  kind: Parameters<MisbehavingRegistry["script"]>[0],
  misdeed: Misdeed,
  times = 1,
): RegistryCase => ({
  name,
  outcome,
  arrange: ({ registry }) => {
    registry.script(kind, misdeed, times);
  },
});

/** A registry that wants Basic credentials for everything. */
export function basicOnly({ registry }: CaseStage): void {
  registry.guard = ({ headers }, response) => {
    if (headers.authorization === BASIC) return true;
    response
      .writeHead(401, {
        "www-authenticate": 'Basic realm="r"',
        "content-length": "0",
      })
      .end();
    return false;
  };
}
