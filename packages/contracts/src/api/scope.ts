import * as z from 'zod';

/** What an API key may do: label pictures, run jobs, load models and move aliases, everything else. */
export const Scope = z.enum(['classify', 'jobs', 'models', 'admin']);
export type Scope = z.infer<typeof Scope>;
