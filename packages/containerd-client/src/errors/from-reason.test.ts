import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "@jest/globals";
import { ContainerdError } from "./containerd-error.js";
import { errorCodeFromConnect } from "./code-from-connect.js";
import { errorFromReason } from "./from-reason.js";

const ADDRESS = "/run/x.sock";
const from = (reason: unknown): ContainerdError => errorFromReason(reason, "Tasks/Get", ADDRESS);
const nodeError = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });

describe("an error of the daemon", () => {
  test.each([
    [Code.Canceled, "canceled"],
    [Code.Unknown, "unknown"],
    [Code.InvalidArgument, "invalid_argument"],
    [Code.DeadlineExceeded, "deadline_exceeded"],
    [Code.NotFound, "not_found"],
    [Code.AlreadyExists, "already_exists"],
    [Code.PermissionDenied, "permission_denied"],
    [Code.ResourceExhausted, "resource_exhausted"],
    [Code.FailedPrecondition, "failed_precondition"],
    [Code.Aborted, "aborted"],
    [Code.OutOfRange, "out_of_range"],
    [Code.Unimplemented, "unimplemented"],
    [Code.Internal, "internal"],
    [Code.Unavailable, "unavailable"],
    [Code.DataLoss, "data_loss"],
    [Code.Unauthenticated, "unauthenticated"],
  ])("with the gRPC code %i is %s, in the daemon's own words", (code, expected) => {
    const cause = new ConnectError("container web: as it is", code);
    expect(from(cause)).toMatchObject({
      code: expected,
      message: "container web: as it is",
      method: "Tasks/Get",
      connection: false,
      cause,
    });
  });

  test("covers every code there is", () => {
    const codes = Object.values(Code).filter((code) => typeof code === "number");
    expect(new Set(codes.map(errorCodeFromConnect)).size).toBe(16);
  });

  test("whose deadline ended on the daemon's side first is a deadline all the same", () => {
    expect(from(new ConnectError("context deadline exceeded", Code.Unknown)).code).toBe("deadline_exceeded");
    expect(from(new ConnectError("context canceled", Code.Unknown)).code).toBe("unknown");
  });

  test("that says unavailable itself is not a lost connection", () => {
    const error = from(new ConnectError("ref layer-sha256:0 locked for 3s: unavailable", Code.Unavailable));
    expect(error).toMatchObject({ code: "unavailable", connection: false });
  });
});

describe("a fault of the connection", () => {
  test.each([
    ["ENOENT", "unavailable", "there is no socket", true],
    ["ECONNREFUSED", "unavailable", "nobody listens", true],
    ["ENOTSOCK", "unavailable", "not a socket", true],
    ["EACCES", "permission_denied", "may not be opened", true],
    ["EPERM", "permission_denied", "may not be opened", true],
    ["ECONNRESET", "unavailable", "was cut", false],
    ["EPIPE", "unavailable", "was cut", false],
    ["ETIMEDOUT", "unavailable", "timed out", false],
    ["EPROTO", "unavailable", "does not speak HTTP/2", true],
    ["ECONNABORTED", "unavailable", "was cut off", false],
    ["ERR_HTTP2_ERROR", "unavailable", "does not speak HTTP/2", true],
    ["ERR_HTTP2_SESSION_ERROR", "unavailable", "was cut", false],
    ["ERR_HTTP2_GOAWAY_SESSION", "unavailable", "was closed", false],
    ["ERR_HTTP2_INVALID_SESSION", "unavailable", "was closed", false],
    ["ERR_HTTP2_STREAM_CANCEL", "unavailable", "was cut", false],
    ["ERR_STREAM_PREMATURE_CLOSE", "unavailable", "was cut", false],
  ])("%s is %s: %s", (code, expected, text, hinted) => {
    const error = from(nodeError(code));
    expect(error).toMatchObject({ code: expected, connection: true, method: "Tasks/Get" });
    expect(error.message).toContain(ADDRESS);
    expect(error.message).toContain(text);
    expect(error.hint !== undefined).toBe(hinted);
  });

  test("is found however deep it lies, whatever the transport called it", () => {
    const wrapped = new ConnectError(
      "internal",
      Code.Internal,
      undefined,
      undefined,
      new Error("x", { cause: nodeError("ENOENT") }),
    );
    expect(from(wrapped)).toMatchObject({ code: "unavailable", connection: true, cause: wrapped });
  });

  test("is not looked for in circles", () => {
    const circle: { cause?: unknown } = {};
    circle.cause = circle;
    expect(from(circle)).toMatchObject({ code: "unknown", connection: false });
  });

  test("is seen in the words of a transport that lost its protocol", () => {
    expect(from(new ConnectError("protocol error: missing status", Code.Internal))).toMatchObject({
      code: "unavailable",
      connection: true,
    });
  });
});

test.each([[undefined], [null], ["text"], [7], [{ code: 5 }], [{ code: "constructor" }], [Symbol("s")]])(
  "%p becomes an error too",
  (reason) => {
    expect(from(reason)).toBeInstanceOf(ContainerdError);
  },
);

test("what is a containerd error already stays as it is", () => {
  const error = new ContainerdError("aborted", "m", { method: "Other/Call" });
  expect(from(error)).toBe(error);
});
