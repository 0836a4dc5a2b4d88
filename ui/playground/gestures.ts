/** What hands do on the canvas: select, move, look around; and the keys that go with it. */
import type { StandInDocument } from './stand-in/document.js';
import type { View } from './view.js';

/** Pixels that a pointer may tremble before it means to move something. */
const TREMBLE = 3;

export type Commands = {
  readonly undo: () => void;
  readonly redo: () => void;
  readonly fit: () => void;
};

export function listen(root: HTMLElement, document: StandInDocument, view: View, commands: Commands): void {
  root.addEventListener('pointerdown', (down) => {
    if (down.button === 1) return pan(root, view, down);
    if (down.button !== 0) return;
    root.focus();
    const id = view.hit(down.target);
    const selection = document.selection();
    if (id === null) {
      if (!down.shiftKey) document.select([]);
      return pan(root, view, down);
    }
    if (down.shiftKey)
      return document.select(selection.includes(id) ? selection.filter((other) => other !== id) : [...selection, id]);
    if (!selection.includes(id)) document.select([id]);
    drag(root, document, view, down);
  });
  root.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(-event.deltaY / 200), event.clientX, event.clientY);
      else view.move(event.shiftKey ? -event.deltaY : -event.deltaX, event.shiftKey ? 0 : -event.deltaY);
    },
    { passive: false },
  );
  root.ownerDocument.addEventListener('keydown', (event) => {
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const nudge = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1] }[key];
    if (command && key === 'z') (event.shiftKey ? commands.redo : commands.undo)();
    else if (command && key === 'y') commands.redo();
    else if (command && key === 'a') document.select([...document.layers().keys()]);
    else if (key === 'delete' || key === 'backspace') removeSelected(document);
    else if (key === 'escape') document.select([]);
    else if (event.shiftKey && key === '!') commands.fit();
    else if (nudge)
      shift(document, (nudge[0] ?? 0) * (event.shiftKey ? 10 : 1), (nudge[1] ?? 0) * (event.shiftKey ? 10 : 1));
    else if (key === 'tab' && root.ownerDocument.activeElement === root && document.layers().size > 0)
      selectNext(document, event.shiftKey);
    else return;
    event.preventDefault();
  });
}

function pan(root: HTMLElement, view: View, down: PointerEvent): void {
  follow(root, down, (event, last) => view.move(event.clientX - last.clientX, event.clientY - last.clientY));
}

function drag(root: HTMLElement, document: StandInDocument, view: View, down: PointerEvent): void {
  let moved = false;
  const before = new Map(document.selection().map((id) => [id, document.layers().get(id)]));
  follow(
    root,
    down,
    (event) => {
      const [right, along] = [event.clientX - down.clientX, event.clientY - down.clientY];
      moved ||= Math.hypot(right, along) > TREMBLE;
      if (!moved) return;
      const { zoom } = view.camera();
      for (const [id, layer] of before)
        if (layer && !layer.locked && document.layers().has(id))
          document.change(id, { x: Math.round(layer.x + right / zoom), y: Math.round(layer.y + along / zoom) });
    },
    () => moved && document.commit(),
  );
}

function follow(
  root: HTMLElement,
  down: PointerEvent,
  move: (event: PointerEvent, last: PointerEvent) => void,
  end: () => void = () => {},
): void {
  root.setPointerCapture(down.pointerId);
  let last = down;
  const onMove = (event: PointerEvent) => {
    move(event, last);
    last = event;
  };
  const onEnd = () => {
    root.removeEventListener('pointermove', onMove);
    root.removeEventListener('pointerup', onEnd);
    root.removeEventListener('pointercancel', onEnd);
    end();
  };
  root.addEventListener('pointermove', onMove);
  root.addEventListener('pointerup', onEnd);
  root.addEventListener('pointercancel', onEnd);
}

function removeSelected(document: StandInDocument): void {
  for (const id of document.selection()) if (!document.layers().get(id)?.locked) document.remove(id);
  document.commit();
}

function shift(document: StandInDocument, right: number, down: number): void {
  for (const id of document.selection()) {
    const layer = document.layers().get(id);
    if (layer && !layer.locked) document.change(id, { x: layer.x + right, y: layer.y + down });
  }
  document.commit();
}

function selectNext(document: StandInDocument, back: boolean): void {
  const ids = [...document.layers().keys()];
  const at = ids.indexOf(document.selection()[0] ?? '');
  const next = ids[(at + (back ? -1 : 1) + ids.length) % ids.length];
  if (next) document.select([next]);
}
