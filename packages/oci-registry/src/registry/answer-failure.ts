import { isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import type { Secrets } from "../auth/secrets.js";
import { asObject, listMember, member, parseJsonObject } from "../document/json-reader.js";
import type { Clock } from "../http/clock.js";
import { failureReason } from "../http/connection-failure.js";
import { rateLimited } from "../http/retry-policy.js";
import { showUrl } from "../http/show-url.js";
import type { HttpResponse } from "../http/transport.js";
import { readLimited } from "../source/read-limited.js";

const MAX_ERROR_BYTES = 64 * 1024;
const SHOWN_LENGTH = 1024;

export interface AnswerContext {
  readonly clock: Clock;
  readonly secrets: Secrets;
}

/** The typed error for an answer that is none of the wanted ones. Reads the body for the registry's own words. */
export async function answerFailure(
  response: HttpResponse,
  subject: string,
  context: AnswerContext,
  purpose: "pull" | "push" = "pull",
): Promise<RuntimeError> {
  const { status } = response;
  const words = await registryWords(response, context.secrets);
  const said = words === undefined ? "" : `: ${words}`;
  const details = { url: showUrl(response.url), status };
  if (status === 429) return rateLimited(response, subject, context.clock.now());
  if (status === 404) {
    return new RuntimeError("IMAGE_NOT_FOUND", `${subject}: not found on ${response.url.host}${said}`, {
      hint: "check the repository's name and the tag",
      details,
    });
  }
  if (status === 401 || status === 403) {
    return new RuntimeError(
      "REGISTRY_UNAUTHORIZED",
      `${subject}: ${response.url.host} refuses access (${String(status)})${said}`,
      {
        hint:
          purpose === "push"
            ? "credentials that may write to the repository are needed"
            : "the repository does not exist, or credentials that may read it are needed",
        details,
      },
    );
  }
  return new RuntimeError("REGISTRY_ERROR", `${subject}: ${response.url.host} answered ${String(status)}${said}`, {
    details,
  });
}

/** What the registry says went wrong (distribution spec, error codes), fit for a terminal. */
async function registryWords(response: HttpResponse, secrets: Secrets): Promise<string | undefined> {
  try {
    const bytes = await readLimited(response.body, MAX_ERROR_BYTES);
    if (bytes === undefined || bytes.length === 0) return undefined;
    const errors = listMember(parseJsonObject(bytes, "error", MAX_ERROR_BYTES), "errors", "error");
    const words = errors.slice(0, 5).map((item) => {
      const object = asObject(item, "error");
      return [member(object, "code"), member(object, "message")].filter((part) => typeof part === "string").join(" ");
    });
    return words.length === 0 ? undefined : printable(secrets.conceal(words.join("; ")));
  } catch (error) {
    // The status is the error to report. A body that broke, or is no registry's, adds nothing to it.
    if (isRuntimeError(error, "IMAGE_INVALID") || failureReason(error) !== undefined) return undefined;
    throw error;
  }
}

/** Control characters and those that turn text around are replaced: the words are a stranger's, and go to a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd").slice(0, SHOWN_LENGTH);
}
