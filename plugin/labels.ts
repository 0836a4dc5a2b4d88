/** What layers are about: their names, or the text beside those that nobody named. */
import type { CanvasNode, Container, Host, Rectangle } from './host.js';
import { CANVAS_LIMITS, type Label } from './messages.js';

/** What Figma calls layers by itself, in English files; of one in another language the name is taken as it is. */
const UNNAMED =
  /^(rectangle|ellipse|frame|group|vector|polygon|star|image|img|photo|picture|placeholder|union|component|instance|section|slide|shape|square|mask)[\s_-]*\d*$/i;

/** As far from the layer as this share of its longer side, a text is about it. */
const BESIDE = 0.3;

/** Characters of a text that is a name; longer ones are paragraphs. */
const LONGEST = 120;

export function describeLabels(host: Host): Label[] {
  return host.currentPage.selection
    .slice(0, CANVAS_LIMITS.nodes)
    .map((node) => ({ id: node.id, label: labelOf(node) }));
}

function labelOf(node: CanvasNode): string | null {
  const name = node.name.trim();
  const own = name !== '' && !UNNAMED.test(name) ? name : textBeside(node);
  return own === null ? null : own.slice(0, LONGEST);
}

/** The nearest one that stands in the same frame. */
function textBeside(node: CanvasNode): string | null {
  const box = node.absoluteBoundingBox;
  const siblings = (node.parent as Partial<Container> | null)?.children ?? [];
  if (!box) return null;
  const reach = BESIDE * Math.max(box.width, box.height);
  let found: { readonly text: string; readonly gap: number } | null = null;
  for (const { type, characters, absoluteBoundingBox: other } of siblings) {
    const text = type === 'TEXT' ? (characters ?? '').replace(/\s+/g, ' ').trim() : '';
    if (text === '' || text.length > LONGEST || !other) continue;
    const gap = gapBetween(box, other);
    if (gap <= reach && (found === null || gap < found.gap)) found = { text, gap };
  }
  return found?.text ?? null;
}

/** 0 where they overlap. */
function gapBetween(one: Rectangle, other: Rectangle): number {
  const right = Math.max(0, other.x - (one.x + one.width), one.x - (other.x + other.width));
  const down = Math.max(0, other.y - (one.y + one.height), one.y - (other.y + other.height));
  return Math.hypot(right, down);
}
