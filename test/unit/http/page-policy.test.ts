import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundlePage } from '../../../scripts/build-ui.mjs';
import { policyOf } from '../../../server/companion/http/page-policy.js';
import { startCompanion } from '../../support/companion.js';

const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const PAGE =
  '<style>\na{}\n</style><script>\nlet x = 1;\n</script><script type="module">y()</script><script src="z.js"></script>';
const rule = (policy: string, name: string) => policy.split('; ').find((one) => one.startsWith(`${name} `));

describe('D20: the policy of our pages', () => {
  it('names scripts and styles by their hashes, and lets in nothing else', () => {
    for (const kind of ['app', 'engine'] as const) {
      const policy = policyOf(PAGE, kind);
      expect(policy).not.toContain('unsafe-inline');
      expect(policy).not.toContain("'unsafe-eval'");
      expect(rule(policy, 'script-src')).toBe(
        `script-src 'self' blob: 'wasm-unsafe-eval' ${sha256('\nlet x = 1;\n')} ${sha256('y()')}`,
      );
      expect(rule(policy, 'style-src')).toBe(`style-src 'self' ${sha256('\na{}\n')}`);
    }
  });

  it('lets the engine page be nested in a panel, which a rule of ancestors would not, and the others only by themselves', () => {
    expect(policyOf(PAGE, 'engine')).not.toContain('frame-ancestors');
    expect(rule(policyOf(PAGE, 'app'), 'frame-ancestors')).toBe("frame-ancestors 'self'");
    expect(rule(policyOf(PAGE, 'docs'), 'frame-ancestors')).toBe("frame-ancestors 'none'");
  });

  it('D14: lets the engine page speak to its own host alone', () => {
    expect(rule(policyOf(PAGE, 'engine'), 'connect-src')).toBe("connect-src 'self' blob:");
  });

  it('has a hash for every script and style of the pages that we build', async () => {
    for (const [html, script, style] of [
      ['ui/engine-page/index.html', 'ui/engine-page/main.ts', 'ui/engine-page/page.css'],
      ['ui/playground/index.html', 'ui/playground/main.ts', 'ui/playground/playground.css'],
    ] as const) {
      const { page } = await bundlePage(html, script, style);
      const policy = policyOf(page, 'app');
      expect(rule(policy, 'script-src')?.match(/sha256-/g)).toHaveLength(page.match(/<\/script>/g)?.length ?? 0);
      expect(rule(policy, 'style-src')?.match(/sha256-/g)).toHaveLength(page.match(/<\/style>/g)?.length ?? 0);
      expect(page).not.toMatch(/\sstyle="|\son[a-z]+="/);
    }
  });

  it('is sent with each of them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'twostep-pages-'));
    const path = join(folder, 'index.html');
    writeFileSync(path, PAGE);
    const file = { path, type: 'text/html; charset=utf-8', isolated: false };
    const pages = new Map([
      ['/', file],
      ['/engine/', { ...file, isolated: true }],
    ]);
    const companion = await startCompanion({ pages });
    try {
      const headers = async (address: string) => (await fetch(companion.url + address)).headers;
      expect((await headers('/')).get('content-security-policy')).toBe(policyOf(PAGE, 'app'));
      expect((await headers('/engine/')).get('content-security-policy')).toBe(policyOf(PAGE, 'engine'));
      expect((await headers('/engine/')).get('x-frame-options')).toBeNull();
      expect((await headers('/docs')).get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-/,
      );
    } finally {
      await companion.close();
    }
  });
});
