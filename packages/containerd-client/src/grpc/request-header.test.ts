import { describe, expect, test } from "@jest/globals";
import { grpcTimeout, requestHeader } from "./request-header.js";

describe("the header of a request", () => {
  test.each([
    [1, "1m"],
    [0.2, "1m"],
    [120_000, "120000m"],
    [99_999_999, "99999999m"],
    [100_000_000, "100000S"],
    [100_000_001, "100001S"],
    [1e12, "277778H"],
  ])("says a deadline of %d ms in at most eight digits", (milliseconds, text) => {
    expect(grpcTimeout(milliseconds)).toBe(text);
  });

  test("is gRPC's, whatever the caller says", () => {
    const metadata = [
      ["TE", "gzip"],
      ["Content-Type", "text/html"],
      ["User-Agent", "mine"],
      ["a", "1"],
      ["A", "2"],
    ] as const;
    const header = requestHeader(
      metadata.map(([name, value]): [string, string] => [name, value]),
      undefined,
    );
    expect(header).toEqual({
      "content-type": "application/grpc+proto",
      te: "trailers",
      "user-agent": "mine",
      a: "1, 2",
    });
  });
});
