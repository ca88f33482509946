import type { ContainerIO } from "@voiyd/runtime-api";
import { collect } from "../archive/collect.js";

/** Everything that a stream has to say, when it has ended. */
export function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return collect(stream);
}

/** Both streams to their ends, as UTF-8 text. */
export async function textsOf(io: ContainerIO): Promise<{ stdout: string; stderr: string }> {
  const [stdout, stderr] = await Promise.all([bytesOf(io.stdout), bytesOf(io.stderr)]);
  return { stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Reads from a stream until `text` has been seen, and leaves the rest. Rejects when the stream ends before. */
export async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, text: string): Promise<string> {
  const decoder = new TextDecoder();
  let seen = "";
  while (!seen.includes(text)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the stream ended after ${JSON.stringify(seen)}, without ${JSON.stringify(text)}`);
    seen += decoder.decode(value, { stream: true });
  }
  return seen;
}
