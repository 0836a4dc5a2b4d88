/** What a release does to the changelog. */
import { expect, it } from 'vitest';
import { closeSection } from '../../../scripts/release.mjs';

it('moves what is unreleased to the version, and keeps the rest', () => {
  const before = '# Changelog\n\n## Unreleased\n\n### Added\n\n- An owl.\n\n## 0.1.0 - 2026-01-01\n\n- A fox.\n';
  expect(closeSection(before, '0.2.0', '2026-12-01')).toBe(
    '# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-12-01\n\n### Added\n\n- An owl.\n\n## 0.1.0 - 2026-01-01\n\n- A fox.\n',
  );
});

it('refuses to release nothing', () => {
  for (const text of ['# Changelog\n', '# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- A fox.\n'])
    expect(() => closeSection(text, '0.2.0', '2026-12-01')).toThrow(/nothing below "Unreleased"/);
});
