/** A history of so many pictures, as the plugin's storage holds it. */
import { REQUEST_DEFAULTS } from '../../models/protocol.js';
import { createArchive } from '../../ui/panel/archive.js';

/** 2 x 2 pixels, as large a part of a test as it needs to be. */
const SMALL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEklEQVR4nGNgYGD4z8DAwMAAAAYIAQEA8mVJAAAAAElFTkSuQmCC';

export function historyOf(
  count: number,
  options: {
    readonly now?: number;
    readonly small?: (index: number) => string;
    readonly prompt?: (index: number) => string;
  } = {},
): Record<string, string> {
  const { now = Date.now(), small = () => SMALL, prompt = (index: number) => `prompt number ${index}` } = options;
  const entries = Array.from({ length: count }, (_, index) => ({
    id: `entry-${index}`,
    // The first is the oldest; some 14 a day.
    at: now - (count - index) * 6_000_000,
    file: 'other',
    request: {
      ...REQUEST_DEFAULTS,
      prompt: prompt(index),
      pack: 'starter',
      seeds: [index],
      schedule: { kind: 'student' as const, steps: 2 as const },
      sampling: null,
      size: { width: 256, height: 256 },
      draft: true,
    },
    small: small(index),
    favourite: index % 9 === 4,
  }));
  return Object.fromEntries(
    createArchive()
      .changes(entries.reverse())
      .map(({ key, value }) => [key, value ?? '']),
  );
}
