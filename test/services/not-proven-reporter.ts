import type { Reporter, TestModule, Vitest } from 'vitest/node';

/**
 * Says at the end of a run what it did not prove, and why: every skipped test counted and named, every promise that a server broke, every test
 * that took a second try.
 */
export default class NotProvenReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = [...this.#services(), ...skipped(modules)];
    if (lines.length > 0) process.stdout.write(`\nNot proven by this run:\n${lines.join('\n')}\n`);
    const again = modules.flatMap((module) =>
      [...module.children.allTests('passed')]
        .filter((test) => test.diagnostic()?.flaky === true)
        .map((test) => `  ${module.relativeModuleId}: ${test.fullName}`),
    );
    if (again.length > 0) process.stdout.write(`\nPassed at the second try only:\n${again.join('\n')}\n`);
  }

  #services(): string[] {
    const provided = this.#vitest?.projects.map((project) => project.getProvidedContext().services).find(Boolean);
    return Object.entries(provided ?? {}).flatMap(([name, service]) => {
      if (!service.available) return [`  ${name} is not there: ${service.missing}`];
      return Object.entries(service.broken).map(
        ([promise, seen]) => `  ${name} (${service.kind}): ${promise}: ${seen}`,
      );
    });
  }
}

function skipped(modules: readonly TestModule[]): string[] {
  const groups = new Map<string, string[]>();
  for (const module of modules) {
    for (const test of module.children.allTests('skipped')) {
      const group = groups.get(module.relativeModuleId) ?? [];
      const { note } = test.result() as { note?: string };
      group.push(note ? `${test.fullName} (${note})` : test.fullName);
      groups.set(module.relativeModuleId, group);
    }
  }
  return [...groups].flatMap(([file, tests]) => [
    `  ${tests.length} skipped in ${file}`,
    ...tests.map((name) => `    - ${name}`),
  ]);
}
