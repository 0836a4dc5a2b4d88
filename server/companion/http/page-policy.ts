/**
 * What our own pages may do: run the scripts and styles that stand in them, by their hashes, and nothing that somebody brings into them. Read anew
 * with each page, since `npm run build -- --watch` writes others.
 */
import { createHash } from 'node:crypto';

/**
 * `engine`: the page that a panel in Figma nests. It must have no frame-ancestors: under the panel's `data:` document even `*` blocks it
 * (Chromium 156). So it may be nested by anybody, and speaks to its own host only.
 */
export type PageKind = 'app' | 'engine' | 'docs';

export function policyOf(html: string, kind: PageKind): string {
  const scripts = hashesOf(html, 'script');
  const styles = hashesOf(html, 'style');
  const never = ["object-src 'none'", "base-uri 'none'", "form-action 'none'"];
  switch (kind) {
    case 'docs':
      return join(["default-src 'none'", `style-src ${styles}`, ...never, "frame-ancestors 'none'"]);
    case 'engine':
      return join([...common(scripts, styles), "connect-src 'self' blob:", ...never]);
    case 'app':
      // The companion may have one of its other ports.
      return join([
        ...common(scripts, styles),
        "connect-src 'self' data: blob: http://localhost:*",
        ...never,
        "frame-ancestors 'self'",
      ]);
    default:
      return kind satisfies never;
  }
}

/** Workers and what they load are files of ours, or made by our scripts. */
const common = (scripts: string, styles: string) => [
  "default-src 'self' data: blob:",
  `script-src 'self' blob: 'wasm-unsafe-eval' ${scripts}`,
  `style-src 'self' ${styles}`,
];

const join = (rules: readonly string[]) => rules.map((rule) => rule.trim()).join('; ');

/** Of elements without `src`, exactly the text between their tags. */
function hashesOf(html: string, element: 'script' | 'style'): string {
  const inline = html.matchAll(new RegExp(`<${element}(?![^>]*\\ssrc=)(?:\\s[^>]*)?>([\\s\\S]*?)</${element}>`, 'g'));
  return [...inline].map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
}
