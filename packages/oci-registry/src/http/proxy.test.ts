import { describe, expect, test } from "@jest/globals";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { OCI_MANIFEST } from "../document/media-types.js";
import { parseReference } from "../reference/parse-reference.js";
import { createRegistrySource } from "../registry/registry-source.js";
import { FakeRegistry } from "../testing/fake-registry.js";
import { failureOf } from "../testing/read-all.js";
import { TestClock } from "../testing/test-clock.js";
import { proxyAuthorization, proxyFor } from "./proxy-rules.js";

describe("the proxy for a URL", () => {
  const environment = { HTTPS_PROXY: "http://p.example:3128", http_proxy: "plain.example" };
  test.each([
    ["https://r.example/v2/", "http://p.example:3128/"],
    ["http://r.example/v2/", "http://plain.example/"],
    ["https://127.0.0.1:5000/", undefined],
    ["https://127.1.2.3/", undefined],
    ["https://localhost/", undefined],
    ["https://[::1]:5000/", undefined],
  ])("%s is %s", (url, proxy) => {
    expect(proxyFor(new URL(url), environment)?.href).toBe(proxy);
  });

  test.each([
    ["*", "https://r.example", false],
    ["r.example", "https://r.example", false],
    ["example", "https://r.example", false],
    [".r.example", "https://r.example", true],
    [".r.example", "https://a.r.example", false],
    ["*.r.example", "https://a.r.example", false],
    ["r.example:5000", "https://r.example:5000", false],
    ["r.example:5000", "https://r.example", true],
    ["xr.example", "https://r.example", true],
    ["a.example, r.example ", "https://R.example", false],
    ["10.0.0.0/8", "https://10.1.2.3", false],
    ["10.0.0.0/8", "https://11.1.2.3", true],
    ["10.1.2.3", "https://10.1.2.3:5000", false],
    ["fd00::/8", "https://[fd00::1]:5000", false],
    ["fd00::1", "https://[fd00::1]", false],
    ["10.0.0.0/99", "https://10.1.2.3", true],
    ["", "https://r.example", true],
  ])("NO_PROXY=%s lets %s through it: %s", (rules, url, proxied) => {
    const found = proxyFor(new URL(url), { HTTPS_PROXY: "http://p.example", NO_PROXY: rules });
    expect(found !== undefined).toBe(proxied);
  });

  test("is not taken from a CGI request's header", () => {
    const cgi = { HTTP_PROXY: "http://evil.example", REQUEST_METHOD: "GET" };
    expect(proxyFor(new URL("http://r.example"), cgi)).toBeUndefined();
  });

  test("of another protocol is refused without its password", () => {
    expect(() => proxyFor(new URL("https://r.example"), { HTTPS_PROXY: "socks5://ada:canary@p" })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.not.stringContaining("canary") }),
    );
  });

  test("gets the user and the password of its URL", () => {
    expect(proxyAuthorization(new URL("http://ada:p%40ss@p.example"))).toBe(`Basic ${btoa("ada:p@ss")}`);
    expect(proxyAuthorization(new URL("http://p.example"))).toBeUndefined();
  });
});

/** A proxy that sends everything to `target`, whatever it is asked for. */
async function startProxy(target: string, connectStatus = 200) {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const [host = "", port = ""] = target.split(":");
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    authorizations.push(request.headers["proxy-authorization"]);
    void fetch(new URL(new URL(request.url ?? "/", "http://x").pathname, `http://${target}`), {
      method: request.method ?? "GET",
    }).then(async (answer) => {
      const names = ["content-type", "docker-content-digest", "content-length"];
      response.writeHead(
        answer.status,
        Object.fromEntries(names.map((name) => [name, answer.headers.get(name) ?? ""])),
      );
      response.end(new Uint8Array(await answer.arrayBuffer()));
    });
  });
  server.on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    authorizations.push(request.headers["proxy-authorization"]);
    socket.on("error", () => undefined);
    if (connectStatus !== 200) {
      socket.end(`HTTP/1.1 ${String(connectStatus)} No\r\n\r\n`);
      return;
    }
    const upstream = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const ownPort = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://ada:canary-secret@127.0.0.1:${String(ownPort)}`,
    asked,
    authorizations,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe("a registry behind a proxy", () => {
  test("over plain HTTP is asked for by its whole URL", async () => {
    await using registry = await FakeRegistry.start();
    await using proxy = await startProxy(registry.host);
    const descriptor = registry.manifest("app", "v1", { schemaVersion: 2, config: {}, layers: [] }, OCI_MANIFEST);
    await using source = createRegistrySource({
      proxies: { HTTP_PROXY: proxy.url },
      insecureRegistries: ["registry.example"],
    });
    expect(await source.resolve(parseReference("registry.example/app:v1"))).toEqual(descriptor);
    expect(proxy.asked[0]).toBe("http://registry.example/v2/app/manifests/v1");
    expect(proxy.authorizations[0]).toBe(`Basic ${btoa("ada:canary-secret")}`);
    expect(registry.requests[0]?.headers["proxy-authorization"]).toBeUndefined();
  });

  test("over HTTPS is reached through a tunnel, and a refusal names the proxy without its password", async () => {
    await using proxy = await startProxy("127.0.0.1:1", 407);
    await using source = createRegistrySource({ proxies: { HTTPS_PROXY: proxy.url }, clock: new TestClock() });
    const failure = await failureOf(source.resolve(parseReference("registry.example/app:v1")));
    expect(proxy.asked).toEqual(["registry.example:443"]);
    expect([failure.code, failure.details["reason"]]).toEqual(["REGISTRY_ERROR", "proxy"]);
    expect(JSON.stringify([failure.message, failure.details, String(failure.cause)])).not.toContain("canary");
  });

  test("whose proxy is down is unavailable, and the proxy is named", async () => {
    const proxy = await startProxy("127.0.0.1:1");
    await proxy[Symbol.asyncDispose]();
    await using source = createRegistrySource({ proxies: { HTTPS_PROXY: proxy.url }, clock: new TestClock() });
    const failure = await failureOf(source.resolve(parseReference("registry.example/app:v1")));
    expect(failure.code).toBe("UNAVAILABLE");
    expect(failure.message).toContain("through the proxy 127.0.0.1");
  });
});
