/** The plugin's window over the canvas, as Figma has it: moved by its title, as large as the plugin asks, never out of reach. */

/** Pixels to the edges of the page. */
const MARGIN = 16;
const TITLE = 40;

export type PanelWindow = {
  /** Pixels of the panel itself. Its upper left corner stays, so that a pointer at the other one is followed. */
  resize(width: number, height: number): void;
};

export function createPanelWindow(element: HTMLElement, title: HTMLElement): PanelWindow {
  let size = { width: element.offsetWidth, height: element.offsetHeight };
  let at = { x: innerWidth - size.width - MARGIN, y: MARGIN };

  const place = () => {
    size = {
      width: Math.min(size.width, innerWidth - 2 * MARGIN),
      height: Math.min(size.height, innerHeight - 2 * MARGIN),
    };
    at = {
      x: Math.max(MARGIN, Math.min(at.x, innerWidth - size.width - MARGIN)),
      y: Math.max(MARGIN, Math.min(at.y, innerHeight - size.height - MARGIN)),
    };
    element.style.cssText = `left:${at.x}px;top:${at.y}px;width:${size.width}px;height:${size.height}px`;
  };

  title.addEventListener('pointerdown', (down) => {
    title.setPointerCapture(down.pointerId);
    const from = { x: at.x - down.clientX, y: at.y - down.clientY };
    const move = (event: PointerEvent) => {
      at = { x: from.x + event.clientX, y: from.y + event.clientY };
      place();
    };
    title.addEventListener('pointermove', move);
    const end = () => title.removeEventListener('pointermove', move);
    title.addEventListener('pointerup', end, { once: true });
    title.addEventListener('pointercancel', end, { once: true });
  });
  addEventListener('resize', place);
  place();
  return {
    resize(width, height) {
      size = { width, height: height + TITLE };
      place();
    },
  };
}
