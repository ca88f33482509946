import { appendFile, readdir, readlink, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createFileStore, type FileStore } from "../host/file-store.js";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { logStream, type LogStreamOptions } from "./log-stream.js";

const never = new Promise<never>(() => undefined);
let folder: TempFolder;
let path: string;

beforeEach(async () => {
  folder = await tempFolder();
  path = folder.at("stdout.log");
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

const open = (options: LogStreamOptions = {}, files: FileStore = createFileStore()): ReadableStream<Uint8Array> =>
  logStream(files, path, options);
const reader = (options: LogStreamOptions): ReadableStreamDefaultReader<Uint8Array> => open(options).getReader();

async function readAll(from: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const { value, done } = await from.read();
    if (done) return Buffer.concat(chunks).toString("utf8");
    chunks.push(value);
  }
}

async function readText(from: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await from.read();
  return Buffer.from(value ?? []).toString("utf8");
}

/** How often this process has the log open. */
async function handles(): Promise<number> {
  const links = await Promise.all(
    (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "closed meanwhile")),
  );
  return links.filter((target) => target.startsWith(path)).length;
}

const watchers = (): number => process.getActiveResourcesInfo().filter((kind) => kind.includes("FSEvent")).length;

describe("a log", () => {
  test.each([
    ["nothing", ""],
    ["no line break at its end", "a\nb"],
    ["every byte there is", Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("latin1")],
    ["more than one piece", "0123456789abcdef".repeat(20_000)],
  ])("with %s is read as it is, and then it ends", async (_what, text) => {
    await writeFile(path, text);
    expect(await readAll(reader({}))).toBe(text);
    expect(await handles()).toBe(0);
  });

  test("that is not there any more is empty", async () => {
    expect(await readAll(reader({}))).toBe("");
    expect(await readAll(reader({ ended: never }))).toBe("");
  });

  test("S13: that is a link to elsewhere is not read", async () => {
    await writeFile(folder.at("secret"), "the host's");
    await symlink(folder.at("secret"), path);
    await expect(reader({}).read()).rejects.toMatchObject({ code: "ELOOP" });
  });

  test("is not opened before it is read, and not read ahead", async () => {
    await writeFile(path, "x".repeat(1024 * 1024));
    const files = createFileStore();
    let reads = 0;
    const counting: FileStore = {
      ...files,
      async openRegular(name) {
        const file = await files.openRegular(name);
        const read = file.read.bind(file);
        file.read = (...args: Parameters<typeof read>): ReturnType<typeof read> => {
          reads++;
          return read(...args);
        };
        return file;
      },
    };
    const stream = open({}, counting).getReader();
    expect(await handles()).toBe(0);
    for (const expected of [1, 2, 3]) {
      await stream.read();
      await new Promise((resolve) => setImmediate(resolve));
      expect(reads).toBe(expected);
    }
    await stream.cancel();
  });

  test("that is deleted while it is open is read to its end", async () => {
    const text = "x".repeat(200_000);
    await writeFile(path, text);
    const stream = reader({});
    const first = await readText(stream);
    await rm(path);
    expect(first + (await readAll(stream))).toBe(text);
  });
});

describe("a followed log", () => {
  test("goes on with what is appended", async () => {
    await writeFile(path, "one\n");
    const stream = reader({ ended: never });
    expect(await readText(stream)).toBe("one\n");
    for (const line of ["two\n", "three\n", "four\n"]) {
      const next = readText(stream);
      await appendFile(path, line);
      expect(await next).toBe(line);
    }
    await stream.cancel();
  });

  test("ends after the container, with all that was written", async () => {
    await writeFile(path, "one\n");
    const stream = reader({ ended: Promise.resolve() });
    expect(await readText(stream)).toBe("one\n");
    await appendFile(path, "last\n");
    expect(await readAll(stream)).toBe("last\n");
  });

  test("waits for the end of what is still on its way when the container has ended", async () => {
    await writeFile(path, "");
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const stream = reader({ ended });
    const all = readAll(stream);
    end();
    await ended;
    await appendFile(path, "late\n");
    expect(await all).toBe("late\n");
  });

  test("ends too when nobody can say how the container ended", async () => {
    await writeFile(path, "one\n");
    const ended = Promise.reject(new Error("the daemon is away"));
    ended.catch(() => undefined);
    expect(await readAll(reader({ ended }))).toBe("one\n");
  });

  test("goes on from the start when it has been emptied", async () => {
    await writeFile(path, "a long line of the old time\n");
    const stream = reader({ ended: never });
    await readText(stream);
    const next = readText(stream);
    await truncate(path);
    await appendFile(path, "new\n");
    expect(await next).toBe("new\n");
    await stream.cancel();
  });

  test("that is deleted ends with the container", async () => {
    await writeFile(path, "one\n");
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const stream = reader({ ended });
    expect(await readText(stream)).toBe("one\n");
    const rest = readAll(stream);
    await rm(path);
    end();
    expect(await rest).toBe("");
  });

  test("rejects with the signal's reason, at once and while it waits", async () => {
    await writeFile(path, "one\n");
    const reason = { why: "enough" };
    await expect(reader({ ended: never, signal: AbortSignal.abort(reason) }).read()).rejects.toBe(reason);
    const stop = new AbortController();
    const stream = reader({ ended: never, signal: stop.signal });
    await readText(stream);
    const next = stream.read();
    stop.abort(reason);
    await expect(next).rejects.toBe(reason);
    expect(await handles()).toBe(0);
  });
});

describe("a stream that is given up", () => {
  test("before it was read has nothing open", async () => {
    await writeFile(path, "one\n");
    await reader({ ended: never }).cancel();
    expect(await handles()).toBe(0);
  });

  test("between two reads closes its file and its watch", async () => {
    await writeFile(path, "one\n");
    const before = watchers();
    const stream = reader({ ended: never });
    await readText(stream);
    expect(await handles()).toBe(1);
    expect(watchers()).toBe(before + 1);
    await stream.cancel();
    expect(await handles()).toBe(0);
    expect(watchers()).toBe(before);
  });

  test("while it waits for more closes its file and its watch too", async () => {
    await writeFile(path, "one\n");
    const before = watchers();
    const stream = reader({ ended: never });
    await readText(stream);
    const next = stream.read();
    await new Promise((resolve) => setImmediate(resolve));
    await stream.cancel();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await handles()).toBe(0);
    expect(watchers()).toBe(before);
  });
});

describe("the end of a followed log", () => {
  test("comes at once when its writer has closed it, and what was written before is read", async () => {
    await writeFile(path, "a");
    let asked = 0;
    const isWritten = async (): Promise<boolean> => {
      // The last words come before the file is closed, and after the reader has seen the container's end.
      if (++asked === 1) await appendFile(path, "b");
      if (asked === 2) await appendFile(path, "c");
      return asked < 2;
    };
    expect(await readAll(reader({ ended: Promise.resolve(), isWritten }))).toBe("abc");
    expect(asked).toBe(2);
    expect(watchers()).toBe(0);
  });

  test("comes when it has been quiet, where its writer keeps it open or is not known", async () => {
    await writeFile(path, "a");
    expect(await readAll(reader({ ended: Promise.resolve(), isWritten: async () => true }))).toBe("a");
    expect(await readAll(reader({ ended: Promise.resolve(), isWritten: async () => undefined }))).toBe("a");
  });

  test("is asked of the file that was opened", async () => {
    await writeFile(path, "a");
    const { dev, ino } = await stat(path);
    const asked: unknown[] = [];
    const isWritten = async (log: unknown): Promise<boolean> => {
      asked.push(log);
      return false;
    };
    await readAll(reader({ ended: Promise.resolve(), isWritten }));
    expect(asked).toEqual([{ dev, ino }]);
  });
});
