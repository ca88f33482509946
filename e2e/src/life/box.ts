import type { HostTest } from "../fixture/on-host.js";

/** Every test's container is called `box`, and is deleted whatever came of it; so is `crate`, where there is a second. */
export function withoutBox(test: HostTest): HostTest {
  return (name, body, options) => {
    test(
      name,
      async (stage) => {
        try {
          await body(stage);
        } finally {
          await stage.main.runtime.delete("box");
          await stage.main.runtime.delete("crate");
        }
      },
      options,
    );
  };
}

/** Reads until the stream has said `text`; resolves with all that it said. */
export async function until(reader: ReadableStreamDefaultReader<Uint8Array>, text: string): Promise<string> {
  let seen = "";
  while (!seen.includes(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the stream ended after ${JSON.stringify(seen)}`);
    seen += Buffer.from(value).toString("utf8");
  }
  return seen;
}

/** Looks again and again until it is so. */
export async function untilTrue(look: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await look())) {
    if (Date.now() > end) throw new Error("it never became so");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
