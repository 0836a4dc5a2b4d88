/** A button that opens a short list, with the keys that lists have: arrows, Home, End, Enter, Escape. */
import { type ComponentChildren, Fragment } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icons.js';
import { isCommand, neighbour } from './keys.js';

export type Item = {
  readonly label: string;
  /** A second line, where a choice needs one. */
  readonly hint?: string;
  /** More words for whoever waits over it. */
  readonly title?: string;
  /** Its shortcut. */
  readonly key?: string;
  readonly icon?: IconName;
  /** Hexadecimal colours before its second line, or before its label where there is none. */
  readonly swatch?: readonly string[];
  /** How many of its kind stand beside each other. */
  readonly columns?: 1 | 2 | 3;
  /** Items that are one of a choice, or on and off, show whether they are. */
  readonly checked?: boolean;
  readonly disabled?: boolean;
  readonly separated?: boolean;
  readonly run: () => void;
};

export type MenuProps = {
  /** What it is for, said with what it shows. */
  readonly label: string;
  readonly className: string;
  readonly items: readonly Item[];
  readonly children: ComponentChildren;
  readonly disabled?: boolean;
  readonly tabIndex?: number;
  readonly onOpen?: () => void;
};

/** Pixels between the list and the edge of the window. */
const MARGIN = 8;

export function Menu({ label, className, items, children, disabled = false, tabIndex = 0, onOpen }: MenuProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const close = (refocus: boolean) => {
    setOpen(false);
    if (refocus) button.current?.focus();
  };

  useEffect(() => {
    if (open) onOpen?.();
  }, [open]);

  useLayoutEffect(() => {
    const [anchor, box] = [button.current, list.current];
    if (!open || !anchor || !box) return;
    const from = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = box;
    const below = from.bottom + 4;
    const top = below + height + MARGIN > innerHeight ? Math.max(MARGIN, from.top - height - 4) : below;
    box.style.left = `${Math.max(MARGIN, Math.min(from.left, innerWidth - width - MARGIN))}px`;
    box.style.top = `${top}px`;
    box.style.maxHeight = `${innerHeight - top - MARGIN}px`;
    const chosen = box.querySelector<HTMLElement>('[aria-checked="true"]') ?? box.querySelector<HTMLElement>('[role]');
    chosen?.focus();
  }, [open]);

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!list.current?.contains(event.target as Node) && !button.current?.contains(event.target as Node))
        setOpen(false);
    };
    addEventListener('pointerdown', outside, true);
    addEventListener('blur', outside);
    return () => {
      removeEventListener('pointerdown', outside, true);
      removeEventListener('blur', outside);
    };
  }, [open]);

  const move = (event: KeyboardEvent) => {
    const all = [
      ...(list.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]:not([aria-disabled="true"])') ?? []),
    ];
    const { activeElement } = document;
    const from = activeElement instanceof HTMLElement ? all.indexOf(activeElement) : -1;
    const next = all[from] && neighbour(all, all[from], event.key);
    const isLetter = event.key.length === 1 && !isCommand(event);
    // A letter goes to the next item that begins with it.
    const named = [...all.slice(from + 1), ...all.slice(0, from + 1)].find(
      ({ textContent }) => isLetter && textContent.toLowerCase().startsWith(event.key.toLowerCase()),
    );
    if (event.key === 'Escape' || event.key === 'Tab') close(true);
    else if (next || named) (next ?? named)?.focus();
    else if (event.key === 'ArrowDown') all[0]?.focus();
    else if (event.key === 'ArrowUp') all.at(-1)?.focus();
    else return;
    if (event.key !== 'Tab') event.preventDefault();
    event.stopPropagation();
  };

  return (
    <>
      <button
        type="button"
        ref={button}
        class={className}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={label}
        title={label}
        disabled={disabled}
        tabIndex={tabIndex}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {children}
      </button>
      {open && (
        <div class="menu" id={id} role="menu" tabIndex={-1} aria-label={label} ref={list} onKeyDown={move}>
          {items.map((item) => (
            <Fragment key={item.label}>
              {item.separated && <hr />}
              <MenuItem
                item={item}
                run={() => {
                  close(true);
                  item.run();
                }}
              />
            </Fragment>
          ))}
        </div>
      )}
    </>
  );
}

function MenuItem({ item, run }: { readonly item: Item; readonly run: () => void }) {
  const { label, hint, title, key, icon, checked, disabled = false, swatch = [], columns = 1 } = item;
  const content = (
    <>
      <span class="tick">{checked ? <Icon name="check" /> : icon && <Icon name={icon} />}</span>
      {!hint && <Swatch colours={swatch} />}
      <span class="words">
        <span>{label}</span>
        {hint && (
          <small>
            <Swatch colours={swatch} />
            {hint}
          </small>
        )}
      </span>
      {key && (
        <span class="shortcut" aria-hidden="true">
          {key}
        </span>
      )}
    </>
  );
  const common = {
    type: 'button' as const,
    class: `item columns-${columns}`,
    tabIndex: -1,
    title,
    'aria-disabled': disabled,
    // One row is lit, whether pointer or keyboard chose it.
    onPointerMove: (event: PointerEvent) => (event.currentTarget as HTMLElement).focus(),
    onClick: () => {
      if (!disabled) run();
    },
  };
  return checked === undefined ? (
    <button {...common} role="menuitem">
      {content}
    </button>
  ) : (
    <button {...common} role="menuitemcheckbox" aria-checked={checked}>
      {content}
    </button>
  );
}

/** Colours as a small square; nothing where there are none. */
export function Swatch({ colours }: { readonly colours: readonly string[] }) {
  const [first, ...others] = colours.map((colour) => `#${colour}`);
  if (first === undefined) return null;
  const background = others.length === 0 ? first : `linear-gradient(90deg, ${[first, ...others].join(', ')})`;
  return <i class="swatch" style={{ background }} />;
}
