/** Does a piece of work for each index below `count`, `parallel` at a time. Ends with the first error, once none is under way. */
export async function inTurn(count: number, parallel: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < count && !failed) {
      try {
        await work(next++);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: parallel }, worker));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
