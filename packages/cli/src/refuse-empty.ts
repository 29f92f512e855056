import { RookeryError } from '@rookery/contracts';
import type { Command, Option } from 'commander';

/** What the values of options are called that are names of files and folders. */
const places = /[<[](?:[^>\]]*\|)?(?:file|folder|dir|path)(?:\.\.\.)?[>\]]/;

/**
 * An argument, and the name of a file or folder, is something: an empty one comes of a variable that was never set, and would mean the working
 * directory. @throws {RookeryError} USAGE
 */
export function refuseEmpty(command: Command): void {
  for (const [n, { variadic }] of command.registeredArguments.entries()) {
    const given = variadic ? command.args.slice(n) : command.args.slice(n, n + 1);
    if (given.includes('')) throw empty(command.registeredArguments[n]?.name() ?? '');
  }
  for (let each: Command | null = command; each; each = each.parent)
    for (const option of each.options) {
      const value: unknown = each.getOptionValue(option.attributeName());
      if (namesPlace(option) && [value].flat().includes('')) throw empty(option.long ?? option.flags);
    }
}

const namesPlace = ({ flags }: Option): boolean => places.test(flags);

const empty = (name: string) =>
  new RookeryError('USAGE', { detail: `${name}: got "", allowed: a name that is not empty` });
