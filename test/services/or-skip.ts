/**
 * A program that Go builds for a test, which takes up to a minute: only `pnpm test:tools` does it. Where it was not asked for, or cannot be had,
 * the test is skipped, and named with the reason. In CI `test:tools` must have it.
 */
export async function orSkip(find: () => Promise<string>, skip: (note: string) => never): Promise<string> {
  if (process.env.ROOKERY_TEST_TOOLS !== 'true') return skip('built by Go: pnpm test:tools');
  try {
    return await find();
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    return skip(error instanceof Error ? error.message : String(error));
  }
}
