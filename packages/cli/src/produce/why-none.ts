import type { JobSource } from '@rookery/contracts';
import { ownKeys } from '@rookery/jobs';
import { describeSource } from '@rookery/producer';
import { printable } from '../ui/printable.ts';

/** For people: why a source gave no picture. @param location That of Rookery's own store, whose keys never become work. */
export function whyNone(source: JobSource, location: string): string {
  const place = printable(describeSource({ source }));
  const any = source.kind === 'manifest' ? undefined : `${source.prefix}any`;
  return any !== undefined && ownKeys(location, source.bucket)(any)
    ? `Nothing in ${place} is taken: it lies in Rookery's own store, ${printable(location)}, whose objects never become work.`
    : `Nothing in ${place} is a picture by its name and passes the filters.`;
}
