/** What stands in the place of a secret. */
export const REDACTED = "[redacted]";

const NAMES = "password|passwd|passphrase|secret|token|authorization|credential|api[-_]?key|private[-_]?key|cookie";
/** Compared with a whole name; `auth` is secret alone, but not in `author`. */
const SECRET_NAME = new RegExp(`${NAMES}|^auth$`, "i");
/** `DB_PASSWORD=…`, `--token=…`, `?access_token=…`. Bounded, so that a long text costs only its length. */
const ASSIGNMENT = new RegExp(`((?:[\\w-]{0,64})(?:${NAMES})[\\w-]{0,64}=)[^\\s&"']+`, "gi");
/** RFC 9110 §11.4: the scheme may be told, what follows may not. */
const SCHEME = /\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]{8,}/gi;
/** The user and password of a URL (RFC 3986 §3.2.1). */
const USER_INFO = /(:\/\/)[^\s/?#@:]*:[^\s/?#@]*@/g;

/** Whether a field of this name is taken to hold a secret: `token`, `identityToken`, `X-Api-Key`, `DB_PASSWORD`. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** `text` without what is a secret by its form: assignments to secret names, HTTP credentials, a URL's user and password. */
export function redactText(text: string): string {
  return text
    .replace(USER_INFO, `$1${REDACTED}@`)
    .replace(SCHEME, `$1$2${REDACTED}`)
    .replace(ASSIGNMENT, `$1${REDACTED}`);
}
