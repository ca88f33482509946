import { writeSync } from "node:fs";
import { type Call, loadKoffi } from "../native/koffi.js";

/**
 * The system calls that a log needs and that Node.js does not have. `splice(2)` is what makes a log safe: the kernel moves
 * bytes from the pipe to the file, so that at no moment they are only in the memory of a process that can be killed.
 */
const koffi = loadKoffi();
const libc = koffi.load(null);
const spliceCall: Call = libc.func(
  "int64_t splice(int from, void *from_at, int to, _Inout_ int64_t *to_at, size_t length, unsigned int flags)",
);
const mkfifoCall: Call = libc.func("int mkfifo(const char *path, unsigned int mode)");
const fcntlCall: Call = libc.func("int fcntl(int fd, int command, int value)");
const eventfdCall: Call = libc.func("int eventfd(unsigned int value, int flags)");
const epollCreate: Call = libc.func("int epoll_create1(int flags)");
const epollControl: Call = libc.func("int epoll_ctl(int epoll, int operation, int fd, void *event)");
const epollWait = libc.func("int epoll_wait(int epoll, void *events, int most, int timeout)");

export const ERRNO = { EINTR: 4, EAGAIN: 11, EEXIST: 17, ENOSPC: 28, EDQUOT: 122 } as const;

const SPLICE_F_MOVE = 1;
const SPLICE_F_NONBLOCK = 2;
const F_SETPIPE_SZ = 1031;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CLOEXEC = 0x80000;
const EFD_CLOEXEC = 0x80000;
const EPOLLIN = 1;

/** On x86 the structure is packed (epoll_ctl(2)); elsewhere its number is aligned. */
const EVENT = process.arch === "x64" ? { size: 12, data: 4 } : { size: 16, data: 8 };
const EVENTS_AT_ONCE = 64;
/** A process cannot end while one of its threads waits, so none waits for ever. In milliseconds. */
const LONGEST_WAIT_MS = 1_000;

/** A system call that failed. */
export class KernelError extends Error {
  readonly errno: number;

  constructor(call: string, errno: number) {
    super(`${call} failed with error ${errno}`);
    this.errno = errno;
  }
}

/**
 * Moves what is in a pipe to a place in a file, at most `length` bytes, without waiting. Returns how much that was: 0 when
 * every writer has closed, undefined when there is nothing just now. Throws {@link KernelError}.
 */
export function splice(pipe: number, file: number, at: number, length: number): number | undefined {
  const moved = Number(spliceCall(pipe, null, file, [at], length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
  if (moved >= 0) return moved;
  const errno = koffi.errno();
  if (errno === ERRNO.EAGAIN || errno === ERRNO.EINTR) return undefined;
  throw new KernelError("splice", errno);
}

/** Makes a FIFO for root's eyes only. One that is there already is success. */
export function makeFifo(path: string): void {
  if (Number(mkfifoCall(path, 0o600)) === 0) return;
  const errno = koffi.errno();
  if (errno !== ERRNO.EEXIST) throw new KernelError("mkfifo", errno);
}

/** Lets a pipe hold more, in bytes. Where the kernel does not allow it, the pipe stays as it is. */
export function widenPipe(pipe: number, bytes: number): void {
  fcntlCall(pipe, F_SETPIPE_SZ, bytes);
}

/**
 * Tells which of any number of pipes can be read, without reading from them: Node.js has no such thing. Takes one thread
 * of libuv's pool while it waits.
 */
export class Poller {
  readonly #epoll: number;
  readonly #bell: number;

  constructor() {
    this.#epoll = Number(epollCreate(EPOLL_CLOEXEC));
    if (this.#epoll < 0) throw new KernelError("epoll_create1", koffi.errno());
    this.#bell = Number(eventfdCall(0, EFD_CLOEXEC));
    if (this.#bell < 0) throw new KernelError("eventfd", koffi.errno());
    this.add(this.#bell);
  }

  /** Ends a wait. */
  ring(): void {
    writeSync(this.#bell, new Uint8Array(new BigUint64Array([1n]).buffer));
  }

  /** A pipe that all writers have closed is told of too. */
  add(fd: number): void {
    const event = Buffer.alloc(EVENT.size);
    event.writeUInt32LE(EPOLLIN, 0);
    event.writeUInt32LE(fd, EVENT.data);
    if (Number(epollControl(this.#epoll, EPOLL_CTL_ADD, fd, event)) !== 0) {
      const errno = koffi.errno();
      if (errno !== ERRNO.EEXIST) throw new KernelError("epoll_ctl", errno);
    }
  }

  remove(fd: number): void {
    epollControl(this.#epoll, EPOLL_CTL_DEL, fd, Buffer.alloc(EVENT.size));
  }

  /** Resolves with the pipes that can be read, as soon as there is one, or with none after a while. Pipes may be added meanwhile. */
  wait(): Promise<readonly number[]> {
    const events = Buffer.alloc(EVENT.size * EVENTS_AT_ONCE);
    return new Promise((resolve, reject) => {
      epollWait.async(this.#epoll, events, EVENTS_AT_ONCE, LONGEST_WAIT_MS, (error: unknown, count: unknown) => {
        if (error !== null && error !== undefined) reject(error);
        else resolve(Array.from({ length: Math.max(0, Number(count)) }, (_, index) => fdAt(events, index)));
      });
    });
  }
}

function fdAt(events: Buffer, index: number): number {
  return events.readUInt32LE(index * EVENT.size + EVENT.data);
}
