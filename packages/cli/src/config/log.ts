import { oneOf, optional, text } from './kinds.ts';
import { type Section, setting } from './setting.ts';

export const log = {
  level: setting(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), {
    env: ['ROOKERY_LOG_LEVEL'],
    default: 'info',
  }),
  /** `auto`: readable on a terminal, JSON otherwise. */
  format: setting(oneOf('auto', 'pretty', 'json'), { env: ['ROOKERY_LOG_FORMAT'], default: 'auto' }),
  /** Also log here, rotated. */
  file: setting(optional(text), { env: ['ROOKERY_LOG_FILE'], flag: '--log-file', default: undefined }),
} satisfies Section;
