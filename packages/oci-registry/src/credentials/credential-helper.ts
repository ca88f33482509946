import { spawn } from "node:child_process";
import { RuntimeError } from "@voiyd/runtime-api";
import { member, parseJsonObject } from "../document/json-reader.js";
import { codeOf } from "../http/error-code.js";
import type { Credentials } from "./credentials.js";

export interface HelperAnswer {
  readonly exitCode: number;
  readonly stdout: string;
}

/** Runs `docker-credential-<name> <action>` with a server's key on its standard input, or what is to be stored. */
export type HelperRunner = (name: string, input: string, options: HelperOptions) => Promise<HelperAnswer>;

export interface HelperOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Default `get`. */
  readonly action?: "get" | "store" | "erase" | undefined;
  readonly signal?: AbortSignal | undefined;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;
const LONGEST_ANSWER = 1024 * 1024;
const LONGEST_RUN_MS = 60_000;
const NOT_FOUND = "credentials not found";
const IDENTITY_TOKEN_USER = "<token>";

/**
 * What a credential helper has for a key, by Docker's protocol. Throws `FAILED_PRECONDITION` when it cannot be run or
 * answers something else than it should; nothing of what it printed is shown, since that can be a secret.
 */
export async function askHelper(
  run: HelperRunner,
  name: string,
  key: string,
  options: HelperOptions,
): Promise<Credentials | undefined> {
  if (!NAME.test(name)) throw failed(JSON.stringify(name.slice(0, 64)), key, "is no name of a credential helper");
  const { exitCode, stdout } = await run(name, key, options);
  if (exitCode !== 0) {
    if (stdout.includes(NOT_FOUND)) return undefined;
    throw failed(`docker-credential-${name}`, key, `ended with exit code ${String(exitCode)}`);
  }
  const [username, secret] = readAnswer(stdout) ?? [];
  if (username === undefined || secret === undefined)
    throw failed(`docker-credential-${name}`, key, "answered something else than credentials");
  if (secret === "") return undefined;
  return username === IDENTITY_TOKEN_USER
    ? { kind: "identity-token", token: secret }
    : { kind: "password", username, password: secret };
}

/** Has a credential helper keep credentials. Throws `FAILED_PRECONDITION`, without anything of what it printed. */
export async function tellHelper(
  run: HelperRunner,
  name: string,
  change:
    | { readonly action: "store"; readonly key: string; readonly credentials: Credentials }
    | { readonly action: "erase"; readonly key: string },
  options: HelperOptions,
): Promise<void> {
  const { action, key } = change;
  if (!NAME.test(name)) throw failed(JSON.stringify(name.slice(0, 64)), key, "is no name of a credential helper");
  const input = action === "erase" ? key : JSON.stringify({ ServerURL: key, ...secretOf(change.credentials) });
  const { exitCode, stdout } = await run(name, input, { ...options, action });
  if (exitCode === 0 || (action === "erase" && stdout.includes(NOT_FOUND))) return;
  throw failed(`docker-credential-${name}`, key, `ended with exit code ${String(exitCode)}`);
}

function secretOf(credentials: Credentials): { readonly Username: string; readonly Secret: string } {
  return credentials.kind === "password"
    ? { Username: credentials.username, Secret: credentials.password }
    : { Username: IDENTITY_TOKEN_USER, Secret: credentials.token };
}

/** What is stored is a secret; the server that it is for is not. */
function keyOf(action: string, input: string): string {
  return action === "store" ? "a registry" : input;
}

function readAnswer(stdout: string): readonly [username: string, secret: string] | undefined {
  try {
    const object = parseJsonObject(new TextEncoder().encode(stdout), "answer", LONGEST_ANSWER);
    const [username, secret] = [member(object, "Username"), member(object, "Secret")];
    return typeof username === "string" && typeof secret === "string" ? [username, secret] : undefined;
  } catch {
    // The parser's words quote what it read: the caller reports the failure without them.
    return undefined;
  }
}

/** Looks the helper up in `PATH`; no shell is involved. It is ended after a minute. */
export const runHelperProgram: HelperRunner = (name, input, { environment, action = "get", signal }) =>
  new Promise((resolve, reject) => {
    const program = `docker-credential-${name}`;
    const child = spawn(program, [action], { stdio: ["pipe", "pipe", "ignore"], env: { ...environment } });
    const kill = (): void => {
      child.kill("SIGKILL");
    };
    const abort = (): void => {
      kill();
      reject(signal?.reason);
    };
    // Not spawn's own `timeout`: its timer outlives a program that could not be started.
    const timer = setTimeout(kill, LONGEST_RUN_MS);
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    signal?.addEventListener("abort", abort, { once: true });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.length > LONGEST_ANSWER) kill();
    });
    child.once("error", (error) => {
      settle();
      reject(
        failed(
          program,
          keyOf(action, input),
          codeOf(error) === "ENOENT" ? "is not installed" : "could not be started",
          error,
        ),
      );
    });
    child.once("close", (exitCode) => {
      settle();
      resolve({ exitCode: exitCode ?? -1, stdout });
    });
    // A helper that does not read its input closes it: its exit code tells the rest.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });

function failed(program: string, key: string, problem: string, cause?: unknown): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `credentials for ${key}: ${program} ${problem}`, {
    hint: "check credsStore and credHelpers in Docker's config.json",
    details: { key, helper: program },
    ...(cause !== undefined && { cause }),
  });
}
