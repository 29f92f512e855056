import { errorCodeOf, isOfBytes, type ResultLine } from '@rookery/contracts';

/**
 * The line as a job that asks for `top` labels would write it, where it may be taken over from a job that asked for `earlierTop`:
 * a label, or an error that is a property of the bytes. `undefined` where the picture has to be done again.
 */
export function takenOver(line: ResultLine, earlierTop: number, top: number): ResultLine | undefined {
  const code = errorCodeOf(line);
  if (code !== undefined) return isOfBytes(code) ? line : undefined;
  if (earlierTop === top) return line;
  if (earlierTop > top) return { ...line, predictions: line.predictions.slice(0, top) };
  // Fewer labels than asked for means that the model has no more.
  return line.predictions.length < earlierTop ? line : undefined;
}
