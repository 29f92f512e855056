import { readFile } from 'node:fs/promises';
import { sections } from '../dist/config.js';

/** Every setting: how the file, the environment and the flags call it, its default, what is allowed, what it does. */
export async function configurationPage() {
  const lines = [
    '# Configuration',
    '',
    'A flag counts more than the environment, the environment more than the file, the file more than the default. The file is `rookery.config.json` in the working directory, or what `--config` or `ROOKERY_CONFIG` names: `{"worker": {"graceMs": 10000}}`. `rookery config` prints what is in force and where it comes from; secrets are hidden. A wrong value names itself, what it got and what is allowed.',
    '',
    'Durations are milliseconds, or text such as `30s`, `5m`; sizes are bytes, or text such as `64MB`.',
  ];
  for (const [name, section] of Object.entries(sections)) {
    const source = await readFile(new URL(`../src/config/${name}.ts`, import.meta.url), 'utf8');
    lines.push(
      '',
      `## ${name}`,
      '',
      '| setting | environment | flag | default | allowed |',
      '| --- | --- | --- | --- | --- |',
    );
    for (const [key, setting] of Object.entries(section)) {
      const note = commentOf(source, key);
      const cells = [
        `\`${name}.${key}\`${note ? `<br>${note}` : ''}`,
        (setting.env ?? []).map(code).join(' '),
        setting.flag ? code(setting.flag) : '',
        defaultOf(setting),
        setting.kind.allowed,
      ];
      lines.push(`| ${cells.map(cell).join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const code = (text) => `\`${text}\``;
const cell = (text) => text.replaceAll('|', '\\|');

/** The comment above a key in its section's file. */
function commentOf(source, key) {
  const found = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*\\n\\s*${key}:`).exec(source);
  return found?.[1]
    ?.replaceAll(/\n\s*\*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('<', '&lt;')
    .trim();
}

function defaultOf({ default: value, secret }) {
  if (typeof value === 'function') return 'of the machine';
  if (secret || value === undefined) return '';
  return code(typeof value === 'string' ? value : JSON.stringify(value));
}
