/** A screen that lies over the first one until it is closed. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icons.js';
import { TEXT } from './text.js';

export function Sheet(props: {
  readonly title: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <section class="sheet" aria-label={props.title}>
      <div class="line head">
        <h2>{props.title}</h2>
        <span class="space" />
        <button
          ref={button}
          type="button"
          class="square"
          aria-label={TEXT.close}
          title={TEXT.close}
          onClick={props.close}
        >
          <Icon name="close" />
        </button>
      </div>
      {props.children}
    </section>
  );
}
