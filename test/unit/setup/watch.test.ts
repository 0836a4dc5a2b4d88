import { expect, it } from 'vitest';
import { createBell } from '../../../scripts/watch.mjs';

it('pages that listen hear of each build, from any origin', async () => {
  const bell = await createBell();
  const stop = new AbortController();
  const response = await fetch(bell.url, { signal: stop.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let heard = (await reader?.read())?.value ?? '';
  bell.ring();
  bell.ring();
  while (!/(data: built\n\n){2}/.test(heard)) heard += (await reader?.read())?.value ?? '';
  stop.abort();
  bell.close();
});
