/** What an adapter tells whoever runs it. A pino logger is one. */
export interface QueueLog {
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}
