/** Palettes as people write them. */

/** @returns "#1A2B3C, fff" as `#1a2b3c` and `#ffffff`, each once, or the part that is no colour */
export function readPalette(text: string): { readonly colours: readonly string[] } | { readonly fault: string } {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const colours = parts.map((part) => {
    const digits = part.replace(/^#/, '').toLowerCase();
    return `#${digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits}`;
  });
  const fault = parts.find((_, index) => !/^#[0-9a-f]{6}$/.test(colours[index] ?? ''));
  return fault === undefined ? { colours: [...new Set(colours)] } : { fault: fault.slice(0, 40) };
}
