import { type Config, type SectionName, sections } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { colours } from '../ui/colours.ts';
import { renderTable } from '../ui/table.ts';
import type { Section } from './setting.ts';

interface Shown {
  readonly name: string;
  readonly value: unknown;
  readonly from: string;
}

export async function printConfig(context: CommandContext, { json }: { json: boolean }): Promise<void> {
  const shown = settingsOf(await context.config());
  if (json) {
    const values = Object.fromEntries(shown.map(({ name, value, from }) => [name, { value: value ?? null, from }]));
    await context.stdout.write(`${JSON.stringify(values, null, 2)}\n`);
    return;
  }
  const paint = colours(context.colour.stdout);
  const rows = shown.map(({ name, value, from }) => [
    name,
    value === undefined ? paint.dim('-') : typeof value === 'string' ? value : JSON.stringify(value),
    from === 'default' ? paint.dim(from) : paint.cyan(from),
  ]);
  await context.stdout.write(renderTable([{ title: 'SETTING' }, { title: 'VALUE' }, { title: 'FROM' }], rows));
}

function settingsOf(config: Config): Shown[] {
  return (Object.keys(sections) as SectionName[]).flatMap((name) => {
    const section: Section = sections[name];
    const values: Readonly<Record<string, unknown>> = config[name];
    return Object.entries(section).map(([key, { secret }]) => ({
      name: `${name}.${key}`,
      value: values[key] === undefined ? undefined : secret ? '(hidden)' : withoutPassword(values[key]),
      from: config.origins.get(`${name}.${key}`) ?? 'default',
    }));
  });
}

/** An address without its password: `redis://user:***@host`. */
function withoutPassword(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@]*?:)[^/?#]*@/i, '$1***@') : value;
}
