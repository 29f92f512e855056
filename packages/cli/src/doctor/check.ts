/** What was found out about one thing. */
export interface Finding {
  readonly name: string;
  /** `missing`: Rookery does not work without it. `note`: it works, but not as well as it could. */
  readonly status: 'ok' | 'note' | 'missing';
  readonly found: string;
  /** What to do about it. */
  readonly todo?: string;
}

export const ok = (name: string, found: string): Finding => ({ name, status: 'ok', found });
export const note = (name: string, found: string, todo: string): Finding => ({ name, status: 'note', found, todo });
export const missing = (name: string, found: string, todo: string): Finding => ({
  name,
  status: 'missing',
  found,
  todo,
});
