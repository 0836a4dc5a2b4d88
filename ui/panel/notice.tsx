/** A sentence about something that happened, with its consequence and what can be done. */
import { Icon } from './icons.js';
import type { Notice } from './state.js';
import { TEXT } from './text.js';

export function NoticeBox({ notice, dismiss }: { readonly notice: Notice; readonly dismiss: () => void }) {
  const { tone, title, detail, action } = notice;
  return (
    <div class={`notice ${tone}${detail === '' ? ' brief' : ''}`} role={tone === 'calm' ? 'status' : 'alert'}>
      <Icon name={tone === 'calm' ? 'info' : 'warn'} />
      <div class="words">
        <strong>{title}</strong>
        {detail !== '' && <p dir="auto">{detail}</p>}
        {action && (
          <button type="button" class="button" onClick={action.run}>
            {action.label}
          </button>
        )}
      </div>
      <button type="button" class="square" aria-label={TEXT.dismiss} title={TEXT.dismiss} onClick={dismiss}>
        <Icon name="close" />
      </button>
    </div>
  );
}
