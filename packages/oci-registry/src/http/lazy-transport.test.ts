import { expect, test } from "@jest/globals";
import { LazyTransport } from "./lazy-transport.js";
import type { HttpResponse, Transport } from "./transport.js";

const request = { method: "GET", url: new URL("http://localhost/"), headers: {} } as const;

function recorded(): { readonly transport: Transport; readonly calls: string[] } {
  const calls: string[] = [];
  const response: HttpResponse = {
    url: request.url,
    status: 200,
    headers: {},
    body: (async function* () {})(),
    discard: async () => undefined,
  };
  const transport: Transport = {
    send: async ({ url }) => {
      calls.push(`send ${url.href}`);
      return response;
    },
    [Symbol.asyncDispose]: async () => {
      calls.push("dispose");
    },
  };
  return { transport, calls };
}

test("is made once, by the first request, and disposed of with what it stands for", async () => {
  const { transport, calls } = recorded();
  let made = 0;
  const lazy = new LazyTransport(async () => {
    made++;
    return transport;
  });
  expect(made).toBe(0);
  const answers = await Promise.all([lazy.send(request), lazy.send(request)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  await lazy[Symbol.asyncDispose]();
  expect(made).toBe(1);
  expect(calls).toEqual(["send http://localhost/", "send http://localhost/", "dispose"]);
});

test("one that was not used makes nothing at its end", async () => {
  const lazy = new LazyTransport(() => Promise.reject(new Error("made")));
  await lazy[Symbol.asyncDispose]();
});
