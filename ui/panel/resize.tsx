/** The corner by which the panel is made larger or smaller: Figma gives its plugin windows none. */
import { useRef } from 'preact/hooks';
import type { Session } from './session.js';
import { TEXT } from './text.js';

/** Pixels a press of an arrow key. */
const STEP = 20;

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

export function ResizeCorner({ session }: { readonly session: Session }) {
  /** From the pointer to the panel's corner, and the size that was asked for last. */
  const grip = useRef<{ readonly x: number; readonly y: number } | null>(null);
  const asked = useRef(0);
  const follow = (event: PointerEvent) => {
    const held = grip.current;
    if (!held) return;
    // Once a frame: each is a message to Figma and a window that moves.
    cancelAnimationFrame(asked.current);
    const [width, height] = [event.clientX + held.x, event.clientY + held.y];
    asked.current = requestAnimationFrame(() => session.resize(width, height));
  };
  return (
    <button
      type="button"
      class="corner"
      aria-label={TEXT.resize}
      title={TEXT.resize}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grip.current = { x: innerWidth - event.clientX, y: innerHeight - event.clientY };
      }}
      onPointerMove={follow}
      onPointerUp={() => {
        grip.current = null;
      }}
      onKeyDown={(event) => {
        const by = KEYS[event.key];
        if (!by) return;
        event.preventDefault();
        session.resize(innerWidth + by[0], innerHeight + by[1]);
      }}
    />
  );
}
