import { homedir } from 'node:os';
import { join } from 'node:path';
import { httpAddress, optional, text } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** Weights & Biases, as its own clients are configured. */
export const wandb = {
  /** The server, where it is not the public one. */
  baseUrl: setting(httpAddress, { env: ['WANDB_BASE_URL'], default: 'https://api.wandb.ai' }),
  /** Without one the file of `netrc` is looked into, as `wandb login` writes it. */
  apiKey: setting(optional(text), { env: ['WANDB_API_KEY'], secret: true, default: undefined }),
  netrc: setting(text, { env: ['NETRC'], default: (env) => join(env.HOME || homedir(), '.netrc') }),
  entity: setting(optional(text), { env: ['WANDB_ENTITY'], default: undefined }),
  project: setting(optional(text), { env: ['WANDB_PROJECT'], default: undefined }),
  /** The run that this process is part of: models that it loads from W&B count as used by it. */
  run: setting(optional(text), { env: ['WANDB_RUN_ID'], default: undefined }),
} satisfies Section;
