import { archiveEnd, padding } from "../archive/tar-header.js";
import { type TarType, tarHeader } from "../files/tar-writer.js";

/** An entry of an archive for a test. */
export interface TestEntry {
  readonly type: TarType;
  readonly name: string;
  readonly content?: string;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly capability?: Buffer;
}

/** A tar archive, in pieces as they come from a stream. */
export async function* tarOf(entries: readonly TestEntry[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const { type, name, content = "", link = "", mode = 0o644, uid = 0, capability } of entries) {
    const data = Buffer.from(content);
    const stats = { mode, mtimeMs: 1_000_000_000_000, rdev: 0x103 };
    const owner = { uid, gid: uid, ...(capability === undefined ? {} : { capability }) };
    yield tarHeader({ type, name: Buffer.from(name), link: Buffer.from(link), stats, size: data.length, ...owner });
    yield data;
    yield padding(data.length);
  }
  yield archiveEnd();
}
