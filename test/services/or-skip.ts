/** A program that a test needs; where it cannot be had the test is skipped, and named with the reason. In CI it must be there. */
export async function orSkip(program: Promise<string>, skip: (note: string) => never): Promise<string> {
  try {
    return await program;
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    return skip(error instanceof Error ? error.message : String(error));
  }
}
