import { readFile } from 'node:fs/promises';
import type { WandbOptions } from '@rookery/models';
import type { Config } from './config.ts';

/** How the configured server of Weights & Biases is asked. */
export async function wandbOptionsOf({ wandb }: Config): Promise<WandbOptions> {
  const { entity, project, run } = wandb;
  const baseUrl = wandb.baseUrl.replace(/\/+$/, '');
  return {
    baseUrl,
    apiKey: wandb.apiKey ?? (await keyOfNetrc(wandb.netrc, baseUrl)),
    run: entity && project && run ? { entity, project, name: run } : undefined,
  };
}

/** `machine api.wandb.ai login user password KEY`, in any order and on any number of lines. */
async function keyOfNetrc(path: string, baseUrl: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const words = text.split(/\s+/);
  const host = new URL(baseUrl).hostname;
  for (let at = 0; at < words.length; at++) {
    if (words[at] !== 'machine' || words[at + 1] !== host) continue;
    const end = words.indexOf('machine', at + 2);
    const entry = words.slice(at + 2, end < 0 ? undefined : end);
    const password = entry.indexOf('password');
    return password < 0 ? undefined : entry[password + 1];
  }
  return undefined;
}
