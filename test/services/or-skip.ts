/**
 * A program that is built or fetched for a test, which takes up to a minute: only `pnpm test:tools` does it. Where it was not asked for, or cannot be had,
 * the test is skipped, and named with the reason. In CI `test:tools` must have it.
 */
export async function orSkip<T>(find: () => Promise<T>, skip: (note: string) => never): Promise<T> {
  if (process.env.ROOKERY_TEST_TOOLS !== 'true') return skip('it takes a minute: pnpm test:tools');
  try {
    return await find();
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    return skip(error instanceof Error ? error.message : String(error));
  }
}
