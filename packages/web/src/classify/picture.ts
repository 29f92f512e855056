import type { ClassifiedImage } from '@rookery/client';

type Predictions = NonNullable<ClassifiedImage['predictions']>;

/** What one model answered for one picture. */
export type Outcome =
  | { readonly state: 'waiting' }
  | { readonly state: 'sending'; readonly share: number }
  | { readonly state: 'labelled'; readonly predictions: Predictions; readonly model: string; readonly size: string }
  | { readonly state: 'failed'; readonly code: string; readonly text: string };

export interface Picture {
  readonly id: number;
  readonly name: string;
  readonly file: File;
  /** Of the file, for as long as it is in the list. */
  readonly url: string;
  /** By what was asked for: `''` is the service's own model. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
}
