import { describe, expect, test } from "@jest/globals";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createClient,
  decodeBinaryHeader,
  encodeBinaryHeader,
  type Interceptor,
} from "@connectrpc/connect";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { Version, VersionResponseSchema } from "../gen/containerd/services/version/v1/version_pb.js";
import { connect, ok, piece, reading, SUBJECTS, unary, VERSION } from "../testing/grpc-subjects.js";
import type { RawCall } from "../testing/raw-grpc-server.js";

async function failure(work: Promise<unknown>): Promise<ConnectError> {
  const reason: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (reason instanceof ConnectError) return reason;
  throw new Error(`it did not fail with a ConnectError: ${String(reason)}`);
}

function failing(trailers: Record<string, string>): (call: RawCall) => void {
  return (call) => {
    call.respond({ "in-header": "1" });
    call.end({ ...trailers, "in-trailer": "2" });
  };
}

describe.each(SUBJECTS)("what goes with a call over the transport $name", (subject) => {
  test("a request says what gRPC asks for, and its deadline", async () => {
    const headers: RawCall["headers"][] = [];
    const transport = await connect(subject, (call) => {
      headers.push(call.headers);
      ok(call);
    });
    await createClient(Version, transport).version({}, { timeoutMs: 5000, headers: { "x-lease": "a" } });
    expect(headers).toEqual([
      expect.objectContaining({
        ":method": "POST",
        ":path": "/containerd.services.version.v1.Version/Version",
        "content-type": "application/grpc+proto",
        te: "trailers",
        "grpc-timeout": "5000m",
        "x-lease": "a",
      }),
    ]);
  });

  test("binary metadata arrives both ways as it was sent", async () => {
    const bytes = Uint8Array.from([0, 255, 44, 10]);
    const transport = await connect(subject, (call) => {
      call.respond({ "echo-bin": String(call.headers["sent-bin"]) });
      call.message(VERSION);
      call.end({ "grpc-status": "0", "last-bin": String(call.headers["sent-bin"]) });
    });
    const seen: (string | null)[] = [];
    await createClient(Version, transport).version(
      {},
      {
        headers: { "sent-bin": encodeBinaryHeader(bytes) },
        onHeader: (header) => seen.push(header.get("echo-bin")),
        onTrailer: (trailer) => seen.push(trailer.get("last-bin")),
      },
    );
    expect(seen.map((value) => [...decodeBinaryHeader(value ?? "")])).toEqual([[...bytes], [...bytes]]);
  });

  test("an error has the decoded message, and the metadata of header and trailer", async () => {
    const answer = failing({ "grpc-status": "5", "grpc-message": "container %22%C3%BC%22%0A: 100%25" });
    for (const call of [unary, reading]) {
      const error = await failure(call(await connect(subject, answer)));
      expect([error.code, error.rawMessage]).toEqual([Code.NotFound, 'container "ü"\n: 100%']);
      expect(error.metadata.get("in-trailer")).toBe("2");
      expect(error.metadata.get("in-header")).toBe("1");
    }
  });

  test("an error has the details that the server sent", async () => {
    const detail = { typeUrl: "type.googleapis.com/containerd.services.version.v1.VersionResponse", value: VERSION };
    const status = toBinary(StatusSchema, create(StatusSchema, { code: 9, message: "busy", details: [detail] }));
    const transport = await connect(
      subject,
      failing({ "grpc-status": "9", "grpc-message": "busy", "grpc-status-details-bin": encodeBinaryHeader(status) }),
    );
    const error = await failure(unary(transport));
    expect([error.code, error.rawMessage]).toEqual([Code.FailedPrecondition, "busy"]);
    expect(error.findDetails(VersionResponseSchema).map(({ version }) => version)).toEqual(["1.6.20"]);
  });

  test("interceptors wrap the call in their order, and see and change its headers", async () => {
    const order: string[] = [];
    const named =
      (name: string): Interceptor =>
      (next) =>
      async (request) => {
        order.push(`${name} before ${String(request.stream)} ${request.method.name}`);
        request.header.append("trace", name);
        const response = await next(request);
        order.push(`${name} after ${String(response.header.get("in-header"))}`);
        return response;
      };
    const transport = await connect(
      subject,
      (call) => {
        order.push(String(call.headers["trace"]));
        call.respond({ "in-header": "1" });
        call.message(call.headers[":path"]?.endsWith("Read") === true ? piece("x") : VERSION);
        call.end();
      },
      [named("a"), named("b")],
    );
    await unary(transport);
    await reading(transport);
    const around = (stream: boolean, method: string): string[] => [
      `a before ${String(stream)} ${method}`,
      `b before ${String(stream)} ${method}`,
      "a, b",
      "b after 1",
      "a after 1",
    ];
    expect(order).toEqual([...around(false, "Version"), ...around(true, "Read")]);
  });

  test("fifty calls at once each get their own answer", async () => {
    const transport = await connect(subject, (call) => {
      call.respond();
      call.message(
        toBinary(VersionResponseSchema, create(VersionResponseSchema, { version: String(call.headers["number"]) })),
      );
      call.end();
    });
    const client = createClient(Version, transport);
    const numbers = Array.from({ length: 50 }, (_, index) => String(index));
    const answers = await Promise.all(numbers.map((number) => client.version({}, { headers: { number } })));
    expect(answers.map(({ version }) => version)).toEqual(numbers);
  });
});
