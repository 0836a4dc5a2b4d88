/**
 * Words that the model does not understand, underlined while they are typed: a copy of the words lies behind the field, letter on
 * letter, and carries the lines. Below the field stands what is known and comes nearest to the word under pointer or caret.
 */
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Reading } from '../../models/vocabulary.js';
import { TEXT } from './text.js';

/** A pause in typing after which the word under the caret counts as finished. Milliseconds. */
const FINISHED_AFTER = 700;

type Field = RefObject<HTMLTextAreaElement | null>;

/** A word to be underlined, and what may stand in its place. */
export type Marked = {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly kind: 'unknown' | 'mended';
  readonly instead: readonly string[];
};

export function markedOf(reading: Reading): Marked[] {
  const unknown = reading.unknown.map(
    ({ nearest, ...word }): Marked => ({ ...word, kind: 'unknown', instead: nearest }),
  );
  const mended = reading.corrected.map(({ as, ...word }): Marked => ({ ...word, kind: 'mended', instead: [as] }));
  return [...unknown, ...mended].sort((a, b) => a.start - b.start);
}

/** Where the caret is, and whether the person pauses; null while the field has no focus. */
export function useCaret(field: Field, prompt: string): { readonly at: number | null; readonly pauses: boolean } {
  const [at, setAt] = useState<number | null>(null);
  const [pauses, setPauses] = useState(true);
  useEffect(() => {
    const follow = () => {
      const box = field.current;
      setAt(box && document.activeElement === box ? box.selectionStart : null);
    };
    document.addEventListener('selectionchange', follow);
    field.current?.addEventListener('blur', follow);
    const box = field.current;
    return () => {
      document.removeEventListener('selectionchange', follow);
      box?.removeEventListener('blur', follow);
    };
  }, [field]);
  useEffect(() => {
    setPauses(false);
    const timer = setTimeout(() => setPauses(true), FINISHED_AFTER);
    return () => clearTimeout(timer);
  }, [prompt]);
  return { at, pauses };
}

/** The copy of the words behind the field. @param onPoint told which word is under the pointer */
export function Underlines(props: {
  readonly field: Field;
  readonly prompt: string;
  readonly marked: readonly Marked[];
  readonly onPoint: (start: number | null) => void;
}) {
  const { field, prompt, marked, onPoint } = props;
  const copy = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const [box, own] = [field.current, copy.current];
    if (!box || !own) return;
    const follow = () => {
      // Without its scrollbar.
      own.style.width = `${box.clientWidth}px`;
      own.style.height = `${box.clientHeight}px`;
      own.scrollTop = box.scrollTop;
    };
    const point = ({ clientX, clientY }: PointerEvent) => {
      const under = [...own.querySelectorAll<HTMLElement>('u')].find((word) =>
        [...word.getClientRects()].some(
          ({ left, right, top, bottom }) => clientX >= left && clientX <= right && clientY >= top && clientY <= bottom,
        ),
      );
      onPoint(under ? Number(under.dataset['start']) : null);
    };
    follow();
    const sizes = new ResizeObserver(follow);
    sizes.observe(box);
    box.addEventListener('scroll', follow);
    box.addEventListener('pointermove', point);
    return () => {
      sizes.disconnect();
      box.removeEventListener('scroll', follow);
      box.removeEventListener('pointermove', point);
    };
  }, [field, prompt, marked, onPoint]);
  let end = 0;
  const parts = marked.flatMap((word) => {
    const before = prompt.slice(end, word.start);
    end = word.end;
    return [
      before,
      <u key={word.start} class={word.kind} data-start={word.start}>
        {prompt.slice(word.start, word.end)}
      </u>,
    ];
  });
  return (
    <div class="underlines" ref={copy} dir="auto" aria-hidden="true">
      {parts}
      {/* A last line that is empty would not be there otherwise. */}
      {`${prompt.slice(end)}\n`}
    </div>
  );
}

/** What is known and comes nearest to a word; a press puts it in its place. */
export function Instead({ word, replace }: { readonly word: Marked; readonly replace: (name: string) => void }) {
  const said =
    word.kind === 'mended'
      ? TEXT.words.mended(word.text)
      : word.instead.length > 0
        ? TEXT.words.unknown(word.text)
        : TEXT.words.nothingNear(word.text);
  return (
    <div class="instead" id="instead">
      <span dir="auto" role="status">
        {said}
      </span>
      {word.instead.map((name) => (
        <button
          key={name}
          type="button"
          class="idea"
          aria-label={TEXT.words.replace(word.text, name)}
          onClick={() => replace(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
