/** What a store says that is worth a line; a pino logger fits. */
export interface StoreLog {
  warn(fields: object, message: string): void;
}
