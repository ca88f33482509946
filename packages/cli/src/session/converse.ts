import type { TerminalSize } from "@voiyd/runtime-api";
import { copyOutput } from "../output/copy.js";
import { codeOf } from "../output/failure.js";
import type { Input, Surroundings } from "../process/surroundings.js";
import { DetachFilter } from "./detach-keys.js";

/** The other side: the streams of a process in a container. */
export interface Partner {
  readonly stdin?: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  resize(size: TerminalSize): Promise<void>;
}

export interface Conversation {
  readonly surroundings: Pick<Surroundings, "stdin" | "stdout" | "stderr" | "onResize">;
  /** The partner has a terminal: ours is passed through to it. */
  readonly tty: boolean;
  /** Which keys end the conversation and leave the partner alone. */
  readonly detachKeys: Uint8Array;
  /** Have the partner draw its screen again. */
  readonly redraw?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Passes on what is typed and what is answered, until the partner has no more to say, or the detach keys are typed. Our
 * terminal is as before afterwards, whatever happens.
 */
export async function converse(partner: Partner, conversation: Conversation): Promise<"ended" | "detached"> {
  const { surroundings, tty, signal } = conversation;
  const { stdin, stdout, stderr } = surroundings;
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const raw = tty && partner.stdin !== undefined && stdin.isTTY;
  const stopResizing = tty ? followSize(partner, conversation) : (): void => undefined;
  if (raw) await stdin.setRaw(true);
  try {
    const told = copyOutput(partner, { stdout, stderr, signal: ends });
    const typed = partner.stdin === undefined ? never : type(partner.stdin, stdin, conversation);
    const first = await Promise.race([told.then(() => "ended" as const), typed, aborted(signal)]);
    if (first === "detached") {
      over.abort(DETACHED);
      await told.catch((error: unknown) => {
        if (error !== DETACHED) throw error;
      });
    }
    return first;
  } finally {
    stopResizing();
    if (raw) await stdin.setRaw(false);
    over.abort(DETACHED);
  }
}

const DETACHED: unique symbol = Symbol("detached");
const never = new Promise<never>(() => undefined);

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** Ends only by the detach keys: where the typing ends, there is still something to be read. */
async function type(
  stream: WritableStream<Uint8Array>,
  input: Input,
  { tty, detachKeys }: Conversation,
): Promise<"detached"> {
  const writer = stream.getWriter();
  const filter = new DetachFilter(tty ? detachKeys : new Uint8Array());
  try {
    for await (const chunk of input.chunks()) {
      const { data, detach } = filter.take(chunk);
      if (data.length > 0) await writer.write(data);
      if (detach) return "detached";
    }
    await writer.close();
  } catch (error) {
    // Nobody reads any more. What the other side has to say, and how it ends, is what counts.
    if (codeOf(error) !== "EPIPE") throw error;
  }
  return never;
}

/** Tells the partner how large our terminal is, now and whenever that changes. */
function followSize(partner: Partner, { surroundings, redraw = false, signal }: Conversation): () => void {
  const { stdout, onResize } = surroundings;
  if (!stdout.isTTY) return () => undefined;
  let last: Promise<unknown> = Promise.resolve();
  const tell = (more: number): void => {
    const size = { columns: stdout.columns, rows: stdout.rows + more };
    // In order; a size that could not be told is told with the next change, and is no reason to end.
    last = last.then(() => (signal.aborted ? undefined : partner.resize(size))).catch(() => undefined);
  };
  // A program draws its screen again when it learns of another size, so it is told of one.
  if (redraw) tell(1);
  tell(0);
  return onResize(() => {
    tell(0);
  });
}
