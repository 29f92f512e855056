import type { Command, HelpConfiguration } from 'commander';

/** How every command's help is written. */
export const help: HelpConfiguration = {
  showGlobalOptions: true,
  commandDescription: (command: Command) => flowing(command.description() || sentence(command.summary())),
};

/** Paragraphs whose lines end where the terminal does, not where they do in our code. */
const flowing = (text: string): string => text.replaceAll(/(?<!\n)\n(?!\n)/g, ' ');

const sentence = (summary: string): string =>
  summary === '' ? '' : `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
