import type { Socket } from "node:net";
import { ClientStream, STREAM_WINDOW_BYTES, type StreamLink } from "./client-stream.js";
import { type Frame, FrameReader } from "./frame-reader.js";
import { goAway, headerFrames, pingAck, settingsAck, settingsFrame, windowUpdate } from "./frame-writer.js";
import { type AssembledHeaders, HeaderAssembler } from "./header-assembler.js";
import { encodeHeaders } from "./hpack/encoder.js";
import { Outbox } from "./outbox.js";
import { PeerSettings } from "./peer-settings.js";
import { ERROR, FLAG, FRAME, DEFAULT_WINDOW_BYTES, MAX_31_BITS, PREFACE, SETTING } from "./protocol.js";
import { ProtocolError } from "./protocol-error.js";
import type { StreamObserver } from "./stream-observer.js";

/** Bytes that the peer may send on all streams together before it has to wait for us. */
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;

export type HeaderList = Iterable<readonly [name: string, value: string]>;

export interface ConnectionEvents {
  /** The peer has shown that it speaks HTTP/2. */
  onReady(): void;
  /** The connection takes no more requests; those under way go on. */
  onLeaving(): void;
  /** The first request has begun, or the last one has ended. */
  onBusy(busy: boolean): void;
  /** The connection is over, and so are its requests. */
  onClosed(reason: Error): void;
}

/** The client's side of an HTTP/2 connection (RFC 9113), as much as gRPC needs: no push, no priorities. */
export class Http2Connection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #outbox: Outbox;
  readonly #reader: FrameReader;
  readonly #headers: HeaderAssembler = new HeaderAssembler();
  readonly #peer: PeerSettings = new PeerSettings();
  readonly #link: StreamLink;
  readonly #streams = new Map<number, ClientStream>();
  /** Requests that wait until the peer takes another one. */
  readonly #queue = new Map<ClientStream, HeaderList>();
  readonly #starved = new Set<ClientStream>();
  #nextId = 1;
  #sendWindow = DEFAULT_WINDOW_BYTES;
  #unacknowledged = 0;
  #greeted = false;
  #leaving = false;
  #closed = false;

  /** Takes the socket over, connected or about to be. */
  constructor(socket: Socket, events: ConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#outbox = new Outbox(socket, () => {
      this.#feed();
    });
    this.#reader = new FrameReader({
      onData: (stream, bytes, credit, end) => {
        this.#onData(stream, bytes, credit, end);
      },
      onFrame: (frame) => {
        this.#onFrame(frame);
      },
    });
    this.#link = this.#makeLink();
    socket.on("data", (chunk: Buffer) => {
      this.#receive(chunk);
    });
    socket.on("error", (error) => {
      this.destroy(error);
    });
    socket.on("close", () => {
      this.destroy(connectionLost("the connection was cut"));
    });
    this.#outbox.write(PREFACE);
    this.#outbox.write(
      settingsFrame([
        [SETTING.enablePush, 0],
        [SETTING.initialWindowSize, STREAM_WINDOW_BYTES],
      ]),
    );
    this.#outbox.write(windowUpdate(0, CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES));
  }

  /** Requests that have not ended. */
  get active(): number {
    return this.#streams.size + this.#queue.size;
  }

  /** Begins a request. How it goes on is told to the observer; nothing of that before this has returned. */
  open(headers: HeaderList, observer: StreamObserver): ClientStream {
    const stream = new ClientStream(this.#link, observer);
    const idle = this.active === 0;
    if (this.#streams.size < this.#peer.maxConcurrentStreams) this.#start(stream, headers);
    else this.#queue.set(stream, headers);
    if (idle) this.#events.onBusy(true);
    return stream;
  }

  /** Ends the connection and all requests on it. */
  destroy(reason: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    if (reason instanceof ProtocolError) this.#sayGoodbye(reason);
    else this.#socket.destroy();
    const streams = [...this.#streams.values(), ...this.#queue.keys()];
    this.#events.onClosed(reason);
    for (const stream of streams) stream.close(reason);
  }

  #sayGoodbye({ http2 }: ProtocolError): void {
    this.#outbox.write(goAway(http2));
    this.#outbox.flush();
    this.#socket.destroySoon();
  }

  #start(stream: ClientStream, headers: HeaderList): void {
    const id = this.#nextId;
    const frames = headerFrames(id, encodeHeaders(headers), this.#peer.maxFrameBytes);
    this.#nextId += 2;
    this.#streams.set(id, stream);
    for (const frame of frames) this.#outbox.write(frame);
    stream.start(id, this.#peer.initialWindowBytes);
    // The numbers of a connection are used up at some time (§5.1.1).
    if (this.#nextId > MAX_31_BITS) this.#leave();
  }

  #makeLink(): StreamLink {
    const budget = (): number => (this.#outbox.isFull ? 0 : this.#sendWindow);
    const maxFrameBytes = (): number => this.#peer.maxFrameBytes;
    return {
      get maxFrameBytes() {
        return maxFrameBytes();
      },
      get budget() {
        return budget();
      },
      write: (bytes) => {
        this.#outbox.write(bytes);
      },
      writeData: (header, parts, length) => {
        this.#sendWindow -= length;
        this.#outbox.write(header);
        for (const part of parts) this.#outbox.write(part);
      },
      waitForBudget: (stream) => {
        this.#starved.add(stream);
      },
      remove: (stream) => {
        this.#remove(stream);
      },
    };
  }

  #remove(stream: ClientStream): void {
    this.#streams.delete(stream.id);
    this.#queue.delete(stream);
    this.#starved.delete(stream);
    if (this.#closed) return;
    for (const [next, headers] of this.#queue) {
      if (this.#streams.size >= this.#peer.maxConcurrentStreams) break;
      this.#queue.delete(next);
      this.#start(next, headers);
    }
    if (this.active > 0) return;
    if (this.#leaving) this.destroy(connectionLost("the connection was closed"));
    else this.#events.onBusy(false);
  }

  /** Lets those send that the connection had no room for, each in its turn. */
  #feed(): void {
    const starved = [...this.#starved];
    this.#starved.clear();
    for (const stream of starved) stream.flush();
  }

  #receive(chunk: Buffer): void {
    if (this.#closed) return;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #onData(id: number, bytes: Buffer, credit: number, end: boolean): void {
    this.#assertGreeted(FRAME.data);
    this.#headers.assertAllowed(FRAME.data, id);
    // Given back at once: who does not read holds up its own stream, and no other.
    this.#unacknowledged += credit;
    if (this.#unacknowledged >= CONNECTION_WINDOW_BYTES / 2) {
      this.#outbox.write(windowUpdate(0, this.#unacknowledged));
      this.#unacknowledged = 0;
    }
    this.#known(id)?.receiveData(bytes, credit, end);
  }

  #onFrame(frame: Frame): void {
    this.#assertGreeted(frame.type);
    const { type, flags, stream, payload } = frame;
    this.#headers.assertAllowed(type, stream);
    switch (type) {
      case FRAME.headers:
      case FRAME.continuation:
        this.#onHeaders(this.#headers.add(frame));
        return;
      case FRAME.resetStream:
        this.#known(stream)?.receiveReset(readWord(payload, 0, 4));
        return;
      case FRAME.settings:
        if ((flags & FLAG.ack) === 0) this.#onSettings(payload);
        return;
      case FRAME.ping:
        if (payload.length !== 8) throw new ProtocolError(ERROR.frameSize, "a ping of another size");
        if ((flags & FLAG.ack) === 0) this.#outbox.write(pingAck(payload));
        return;
      case FRAME.goAway:
        this.#onGoAway(payload);
        return;
      case FRAME.windowUpdate:
        this.#onWindowUpdate(stream, readWord(payload, 0, 4) & MAX_31_BITS);
        return;
      case FRAME.pushPromise:
        throw new ProtocolError(ERROR.protocol, "a push, which was not allowed");
      default: // Priorities, and what came after RFC 9113, are nothing to us (§4.1).
    }
  }

  /** The first frame is the peer's settings (§3.4): anything else speaks another protocol. */
  #assertGreeted(type: number): void {
    if (this.#greeted) return;
    if (type !== FRAME.settings) throw new ProtocolError(ERROR.protocol, "it does not begin with its settings");
    this.#greeted = true;
    this.#events.onReady();
  }

  #onHeaders(headers: AssembledHeaders | undefined): void {
    if (headers !== undefined) this.#known(headers.stream)?.receiveHeaders(headers.block, headers.end);
  }

  #onSettings(payload: Buffer): void {
    const before = this.#peer.initialWindowBytes;
    this.#peer.apply(payload);
    this.#outbox.write(settingsAck());
    const change = this.#peer.initialWindowBytes - before;
    if (change !== 0) for (const stream of [...this.#streams.values()]) stream.widen(change);
  }

  #onWindowUpdate(id: number, increment: number): void {
    if (increment === 0) throw new ProtocolError(ERROR.protocol, "a window that grows by nothing");
    if (id !== 0) {
      this.#known(id)?.widen(increment);
      return;
    }
    this.#sendWindow += increment;
    if (this.#sendWindow > MAX_31_BITS) throw new ProtocolError(ERROR.flowControl, "a window that is too large");
    this.#feed();
  }

  #onGoAway(payload: Buffer): void {
    const last = readWord(payload, 0, 8) & MAX_31_BITS;
    this.#leave();
    const refused = [...this.#streams.values()].filter(({ id }) => id > last);
    for (const stream of [...refused, ...this.#queue.keys()])
      stream.close(connectionLost("the connection takes no more calls"));
  }

  #leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#events.onLeaving();
    if (this.active === 0) this.destroy(connectionLost("the connection was closed"));
  }

  /** A stream that has ended here is unknown, and what still comes on it is nobody's. One that never began is an error. */
  #known(id: number): ClientStream | undefined {
    if (id % 2 === 0 || id >= this.#nextId) throw new ProtocolError(ERROR.protocol, `a stream ${String(id)}`);
    return this.#streams.get(id);
  }
}

/** Four bytes of a payload, which has to have `size` bytes at least. */
function readWord(payload: Buffer, at: number, size: number): number {
  if (payload.length < size) throw new ProtocolError(ERROR.frameSize, "a frame that is too short");
  return payload.readUInt32BE(at);
}

export function connectionLost(text: string): NodeJS.ErrnoException {
  return Object.assign(new Error(text), { code: "ECONNRESET" });
}
