import { createReadStream } from "node:fs";
import { request } from "node:http";
import { pipeline } from "node:stream/promises";

export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | { readonly file: string };
  /** Status codes that are an answer; others are thrown. */
  readonly accept: readonly number[];
}

export interface RegistryResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** One request over plain HTTP. Throws with the server's words when the status is not accepted. */
export function registryRequest(url: URL, options: RegistryRequest): Promise<RegistryResponse> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: options.method, headers: options.headers ?? {}, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const [status, body] = [response.statusCode ?? 0, Buffer.concat(chunks)];
        if (options.accept.includes(status)) resolve({ status, headers: response.headers, body });
        else
          reject(new Error(`${options.method} ${url.href}: ${status} ${body.toString("utf8").slice(0, 500).trim()}`));
      });
    });
    call.on("error", reject);
    if (typeof options.body === "object" && "file" in options.body)
      pipeline(createReadStream(options.body.file), call).catch(reject);
    else call.end(options.body);
  });
}
