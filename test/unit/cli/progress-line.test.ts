import { expect, it } from 'vitest';
import { createProgressLine, formatDuration } from '../../../server/node/progress-line.js';

function draw(terminal: boolean) {
  const written: string[] = [];
  let time = 0;
  const sink = { isTTY: terminal, columns: 60, write: (text: string) => void written.push(text) };
  const line = createProgressLine(sink, () => time);
  return {
    written,
    line,
    at(milliseconds: number) {
      time = milliseconds;
    },
  };
}

it('writes at most one line a second into a log', () => {
  const { written, line, at } = draw(false);
  for (let time = 0; time <= 3000; time += 10) {
    at(time);
    line.show({ label: 'drawing', fraction: time / 10_000 });
  }
  expect(written).toEqual([
    '0% drawing\n',
    '10% drawing, 9.0 s left\n',
    '20% drawing, 8.0 s left\n',
    '30% drawing, 7.0 s left\n',
  ]);
});

it('redraws one line on a terminal and takes it away', () => {
  const { written, line } = draw(true);
  line.show({ label: 'drawing', fraction: 0.5, remaining: 75_000 });
  line.clear();
  line.clear();
  expect(written).toEqual([`\r\x1b[K${'█'.repeat(12)}${'░'.repeat(12)} 50%  drawing, 1 min 15 s left`, '\r\x1b[K']);
});

it('never fills a line of the terminal', () => {
  const { written, line } = draw(true);
  line.show({ label: 'x'.repeat(200), fraction: 0.5 });
  expect(written[0]?.replace('\r\x1b[K', '')).toHaveLength(59);
});

it.each([
  [380, '0.4 s'],
  [9960, '10 s'],
  [59_600, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [7_800_000, '2 h 10 min'],
])('%i ms is %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
