import type { ResultLine } from '@rookery/contracts';

/**
 * Results as CSV (RFC 4180, UTF-8, LF), one row a picture: `key,etag,size,width,height,model,error`, then `label_1,index_1,score_1` up
 * to the job's `top`.
 */
export async function* csvResults(lines: AsyncIterable<readonly ResultLine[]>, top: number): AsyncGenerator<string> {
  const titles = ['key', 'etag', 'size', 'width', 'height', 'model', 'error'];
  for (let rank = 1; rank <= top; rank++) titles.push(`label_${rank}`, `index_${rank}`, `score_${rank}`);
  yield `${titles.join(',')}\n`;
  for await (const piece of lines) yield piece.map((line) => row(line, top)).join('');
}

function row(line: ResultLine, top: number): string {
  const cells = [
    field(line.key),
    field(line.etag ?? ''),
    line.size ?? '',
    line.width ?? '',
    line.height ?? '',
    line.model,
    line.error?.code ?? '',
  ];
  for (let rank = 0; rank < top; rank++) {
    const prediction = line.predictions[rank];
    if (prediction) cells.push(field(prediction.label), prediction.index, prediction.score);
    else cells.push('', '', '');
  }
  return `${cells.join(',')}\n`;
}

const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
