/**
 * Waits for two things that go on at the same time. Where both fail, the error of the first is told: a caller is to hear the
 * same one each time. Neither goes on behind the caller's back.
 */
export async function firstTold<First, Second>(
  first: Promise<First>,
  second: Promise<Second>,
): Promise<[First, Second]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}
