import type { ContainerIO } from "@voiyd/runtime-api";
import type { Output } from "../process/surroundings.js";
import { LogEscaper } from "./escape.js";

export interface CopyOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Escape what goes to a terminal. Default false: byte for byte. */
  readonly escaped?: boolean;
  readonly signal?: AbortSignal;
}

/** Both streams of a container to ours. When one cannot be written any more, both are cancelled. */
export async function copyOutput(io: ContainerIO, options: CopyOptions): Promise<void> {
  const failed = new AbortController();
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([failed.signal, options.signal]);
  const copy = async (stream: ReadableStream<Uint8Array>, output: Output): Promise<void> => {
    try {
      await stream.pipeTo(options.escaped === true && output.isTTY ? escapedSink(output) : plainSink(output), {
        signal,
      });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  await Promise.all([copy(io.stdout, options.stdout), copy(io.stderr, options.stderr)]);
}

function plainSink(output: Output): WritableStream<Uint8Array> {
  return new WritableStream({ write: (chunk) => output.write(chunk) });
}

function escapedSink(output: Output): WritableStream<Uint8Array> {
  const escaper = new LogEscaper();
  return new WritableStream({
    write: (chunk) => output.write(escaper.write(chunk)),
    close: () => output.write(escaper.end()),
  });
}
