/** How long the work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** How long one of `count` calls takes, one after the other, in microseconds. */
export async function eachOf(count: number, call: () => Promise<unknown>): Promise<number> {
  const milliseconds = await timed(async () => {
    for (let turn = 0; turn < count; turn++) await call();
  });
  return (milliseconds * 1000) / count;
}

/** How long one of `turns` times `width` calls takes, `width` of them at once, in microseconds. */
export async function eachAtOnce(turns: number, width: number, call: () => Promise<unknown>): Promise<number> {
  const milliseconds = await timed(async () => {
    for (let turn = 0; turn < turns; turn++) await Promise.all(Array.from({ length: width }, call));
  });
  return (milliseconds * 1000) / (turns * width);
}
