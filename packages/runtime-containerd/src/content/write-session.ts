import type { ContainerdClient, WriteContentRequest, WriteContentResponse } from "@voiyd/containerd-client";
import { Outbox } from "../concurrency/outbox.js";

type Request = Partial<Omit<WriteContentRequest, "$typeName" | "$unknown">>;

/**
 * One `Content.Write` stream as a conversation. Every message is answered; a few may be on their way before the answers
 * come, so that the wire is busy and memory is bounded all the same.
 */
export class WriteSession implements AsyncDisposable {
  readonly #requests = new Outbox<Request>();
  readonly #answers: AsyncIterator<WriteContentResponse, unknown>;
  #unanswered = 0;

  constructor(client: ContainerdClient, options: { signal?: AbortSignal }) {
    this.#answers = client.content.write(this.#requests, options)[Symbol.asyncIterator]();
  }

  /** Sends a message and returns its own answer, those of all earlier messages being in. */
  async exchange(request: Request): Promise<WriteContentResponse> {
    await this.drain(0);
    this.#requests.push(request);
    return this.#answer();
  }

  /** Sends a message without waiting for its answer. */
  send(request: Request): void {
    this.#requests.push(request);
    this.#unanswered++;
  }

  /** Waits until at most `most` messages are unanswered. */
  async drain(most: number): Promise<void> {
    for (; this.#unanswered > most; this.#unanswered--) await this.#answer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#requests.end();
    await this.#answers.return?.();
  }

  async #answer(): Promise<WriteContentResponse> {
    const answer = await this.#answers.next();
    if (answer.done !== true) return answer.value;
    throw Object.assign(new Error("the content store ended the write early"), { code: "ECONNRESET" });
  }
}
