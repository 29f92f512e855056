/** Text styles that do nothing where colour is off. */
export interface Colours {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const styled = (on: boolean, open: number, close: number) => (text: string) =>
  on ? `\u001b[${open}m${text}\u001b[${close}m` : text;

export const colours = (on: boolean): Colours => ({
  bold: styled(on, 1, 22),
  dim: styled(on, 2, 22),
  red: styled(on, 31, 39),
  green: styled(on, 32, 39),
  yellow: styled(on, 33, 39),
  cyan: styled(on, 36, 39),
});
