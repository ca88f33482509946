import { createHash } from "node:crypto";
import {
  type ContainerdClient,
  ContainerdError,
  type ContainerdErrorCode,
  WriteAction,
} from "@voiyd/containerd-client";

type Content = ContainerdClient["content"];

interface Blob {
  readonly data: Buffer;
  readonly labels: Readonly<Record<string, string>>;
}

function failure(code: ContainerdErrorCode, message: string): ContainerdError {
  return new ContainerdError(code, message, { method: "Content/Write" });
}

export function digestOf(data: Uint8Array): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

/** A content store in memory that answers as containerd's does. What a test does not need of it, it refuses. */
export class FakeContent {
  readonly blobs = new Map<string, Blob>();
  readonly ingests = new Map<string, Buffer>();
  /** Messages of all writes, as `STAT`, `WRITE 5` and `COMMIT`. */
  readonly log: string[] = [];
  readonly aborted: string[] = [];
  /** Called before each message of a write is answered; may throw. */
  onMessage: (action: WriteAction) => void | Promise<void> = () => undefined;
  /** Whether somebody else writes this ref. */
  isLocked: (ref: string) => boolean = () => false;

  readonly service: Content = {
    info: async ({ digest = "" }) => {
      if (!this.blobs.has(digest)) throw failure("not_found", `content ${digest}: not found`);
      return { $typeName: "containerd.services.content.v1.InfoResponse" };
    },
    write: (requests, options) => this.#write(requests, options?.signal),
    abort: async ({ ref = "" }) => {
      this.aborted.push(ref);
      if (!this.ingests.delete(ref)) throw failure("not_found", `ingest ${ref}: not found`);
      return { $typeName: "google.protobuf.Empty" };
    },
    update: refused,
    list: refused,
    delete: refused,
    read: refused,
    status: refused,
    listStatuses: refused,
  };

  async *#write(
    requests: Parameters<Content["write"]>[0],
    signal: AbortSignal | undefined,
  ): ReturnType<Content["write"]> {
    const stopped = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener("abort", () => {
        reject(signal.reason);
      });
    });
    stopped.catch(() => undefined);
    const messages = requests[Symbol.asyncIterator]();
    for (;;) {
      const message = await Promise.race([messages.next(), stopped]);
      if (message.done === true) return;
      const {
        action = WriteAction.STAT,
        ref = "",
        offset = 0n,
        data = new Uint8Array(),
        total = 0n,
        expected = "",
      } = message.value;
      await Promise.race([this.onMessage(action), stopped]);
      signal?.throwIfAborted();
      const written = this.ingests.get(ref) ?? Buffer.alloc(0);
      switch (action) {
        case WriteAction.STAT:
          this.log.push("STAT");
          if (this.isLocked(ref)) throw failure("unavailable", `ref ${ref} locked for 3s (since now): unavailable`);
          this.ingests.set(ref, written);
          break;
        case WriteAction.WRITE: {
          this.log.push(`WRITE ${String(offset)}`);
          if (offset > 0n && offset !== BigInt(written.length)) {
            throw failure(
              "out_of_range",
              `write @${String(offset)} must occur at current offset ${String(written.length)}`,
            );
          }
          this.ingests.set(ref, Buffer.concat([written.subarray(0, Number(offset)), data]));
          break;
        }
        case WriteAction.COMMIT:
          this.log.push("COMMIT");
          this.#commit(ref, written, total, expected, message.value.labels ?? {});
          break;
      }
      const now = this.ingests.get(ref) ?? written;
      yield {
        $typeName: "containerd.services.content.v1.WriteContentResponse",
        action,
        offset: BigInt(now.length),
        total,
        digest: action === WriteAction.COMMIT ? expected : "",
      };
    }
  }

  #commit(ref: string, data: Buffer, total: bigint, expected: string, labels: Readonly<Record<string, string>>): void {
    const digest = digestOf(data);
    if (BigInt(data.length) !== total) {
      throw failure(
        "failed_precondition",
        `unexpected commit size ${data.length}, expected ${String(total)}: failed precondition`,
      );
    }
    if (digest !== expected) {
      throw failure(
        "failed_precondition",
        `unexpected commit digest ${digest}, expected ${expected}: failed precondition`,
      );
    }
    this.ingests.delete(ref);
    if (this.blobs.has(digest)) throw failure("already_exists", `content ${digest}: already exists`);
    this.blobs.set(digest, { data, labels });
  }
}

function refused(): never {
  throw failure("unimplemented", "this fake does not know how");
}
