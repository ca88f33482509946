import { describe, expect, test } from "@jest/globals";
import { Code } from "@connectrpc/connect";
import { type Behaviour, connect, outcomeOf, piece, reading, STATUSES, SUBJECTS } from "../testing/grpc-subjects.js";

const BEHAVIOURS: readonly Behaviour[] = [
  {
    name: "three messages",
    answer: (call) => {
      call.respond();
      for (const text of ["a", "b", "c"]) call.message(piece(text));
      call.end();
    },
    act: reading,
    outcome: ["a", "b", "c"],
  },
  {
    name: "three messages in one chunk",
    answer: (call) => {
      call.respond();
      call.stream.cork();
      for (const text of ["a", "b", "c"]) call.message(piece(text));
      call.stream.uncork();
      call.end();
    },
    act: reading,
    outcome: ["a", "b", "c"],
  },
  {
    name: "an empty stream",
    answer: (call) => {
      call.respond();
      call.end();
    },
    act: reading,
    outcome: [],
  },
  {
    name: "an empty stream in a header alone",
    answer: (call) => {
      call.trailersOnly({ "grpc-status": "0" });
    },
    act: reading,
    outcome: [],
  },
  ...STATUSES.map((status): Behaviour => ({
    name: `messages, then the status ${status}`,
    answer: (call) => {
      call.respond();
      call.message(piece("a"));
      call.end({ "grpc-status": String(status) });
    },
    act: reading,
    outcome: `ConnectError ${String(Code[status])}`,
  })),
  {
    name: "an error in a header alone",
    answer: (call) => {
      call.trailersOnly({ "grpc-status": "5" });
    },
    act: reading,
    outcome: "ConnectError NotFound",
  },
  {
    name: "no status",
    answer: (call) => {
      call.respond();
      call.message(piece("a"));
      call.end({});
    },
    act: reading,
    outcome: "ConnectError Internal",
  },
  {
    name: "half a message",
    answer: (call) => {
      call.respond();
      call.stream.write(Buffer.from([0, 0]));
      call.end();
    },
    act: reading,
    outcome: "ConnectError InvalidArgument",
  },
  {
    name: "a message that says it is larger than the limit",
    answer: (call) => {
      call.respond();
      call.stream.write(Buffer.from([0, 0, 1, 0, 1]));
    },
    act: reading,
    outcome: "ConnectError ResourceExhausted",
  },
  {
    name: "a connection that is cut within the stream",
    answer: (call) => {
      call.respond();
      call.stream.write(Buffer.from([0, 0, 0, 0, 9, 1]), () => {
        call.socket.destroy();
      });
    },
    act: reading,
    outcome: "ConnectError Aborted",
  },
  {
    name: "a reset with 8 within the stream",
    answer: (call) => {
      call.respond();
      call.stream.write(Buffer.from([0, 0, 0, 0, 9, 1]), () => {
        call.stream.close(8);
      });
    },
    act: reading,
    outcome: "ConnectError Canceled",
  },
  {
    name: "a deadline within the stream",
    answer: (call) => {
      call.respond();
      call.message(piece("a"));
    },
    act: (transport) => reading(transport, { timeoutMs: 20 }),
    outcome: "ConnectError DeadlineExceeded",
  },
];

describe.each(SUBJECTS)("a stream over the transport $name", (subject) => {
  test.each(BEHAVIOURS)("$name", async ({ answer, act, outcome }) => {
    expect(await outcomeOf(act(await connect(subject, answer)))).toEqual(outcome);
  });
});
