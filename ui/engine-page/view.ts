/** The page by itself: prompt, pictures to save, models and the room that they take. */
import { targetOf } from '../../models/families/packs.js';
import type { Pack } from '../../models/pack.js';
import { buildRequest } from '../../models/request/build.js';
import { fileNameOf } from '../../models/request/file-name.js';
import { faultOf, wordsFor } from '../../models/wildcards.js';
import { droppedFiles, pickedFiles } from './dropped.js';
import type { Host } from './host.js';
import type { Question } from './link.js';
import type { Shelf } from './messages.js';
import { roomWords, sizeOf, sizeWords } from './words.js';

const never = new AbortController().signal;

export function showPage(host: Host, document: Document): void {
  const find = <Kind extends Element>(selector: string) => document.querySelector(selector) as Kind;
  const form = find<HTMLFormElement>('#prompt');
  const [status, notice, room] = ['#status', '#notice', '#room'].map((id) => find<HTMLElement>(id)) as HTMLElement[];
  const field = <Kind>(name: string) => form.elements.namedItem(name) as Kind;
  const words = field<HTMLInputElement>('words');
  const seed = field<HTMLInputElement>('seed');
  const choice = field<HTMLSelectElement>('pack');
  const stop = find<HTMLButtonElement>('#stop');
  const progress = find<HTMLProgressElement>('#progress');
  let shelf: Shelf | null = null;
  let cancel: AbortController | null = null;
  const packs = (): readonly Pack[] => (shelf ? [...shelf.stored.map(({ pack }) => pack), ...shelf.offered] : []);

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const pack = packs().find(({ id }) => id === choice.value);
    if (pack && !cancel) void draw(pack);
  });
  stop.addEventListener('click', () => cancel?.abort());
  const drop = find<HTMLElement>('#drop');
  const input = find<HTMLInputElement>('#drop input');
  input.addEventListener('change', () => void change({ type: 'add', files: pickedFiles(input.files) }));
  for (const name of ['dragover', 'dragleave', 'drop'])
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', name === 'dragover');
    });
  document.addEventListener('drop', async (event) => {
    if (event.dataTransfer) await change({ type: 'add', files: await droppedFiles(event.dataTransfer) });
  });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const dress = () => document.documentElement.classList.toggle('figma-dark', dark.matches);
  dark.addEventListener('change', dress);
  dress();
  void refresh();

  async function draw(pack: Pack): Promise<void> {
    const fault = faultOf(words.value);
    if (fault !== null) return say(fault);
    const request = buildRequest(targetOf(pack), { prompt: words.value, seeds: [Number(seed.value) || 0] });
    cancel = new AbortController();
    say(null);
    stop.hidden = progress.hidden = false;
    progress.removeAttribute('value');
    for await (const event of host.engine(request, cancel.signal)) {
      if (event.type === 'progress')
        progress.value = event.phase === 'load' ? event.done / event.total : event.fraction;
      else if (event.type === 'warning') say(event.message, 'calm');
      else if (event.type === 'error' && event.code !== 'cancelled') say(event.message);
      else if (event.type === 'picture') show(event.bytes, wordsFor(request.prompt, event.seed), event.seed);
    }
    cancel = null;
    stop.hidden = progress.hidden = true;
    await refresh();
  }

  function show(bytes: Uint8Array, prompt: string, seed: number): void {
    const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
    const part = (tag: string, className: string, ...content: (Node | string)[]) => {
      const element = document.createElement(tag);
      element.className = className;
      element.append(...content);
      return element;
    };
    const image = document.createElement('img');
    image.src = url;
    image.alt = prompt;
    const link = document.createElement('a');
    link.className = 'open';
    link.href = url;
    link.download = fileNameOf(prompt, seed);
    link.title = 'Save as PNG';
    link.append(image);
    const words = part('span', 'cut', prompt);
    words.dir = 'auto';
    words.title = prompt;
    const caption = part('p', 'caption quiet', words, part('span', 'number', `Seed ${seed}`));
    find('#pictures').prepend(part('div', '', part('div', 'tile done', link), caption));
  }

  /** Something about the models, then what there is now. */
  async function change(question: Extract<Question, { type: 'add' | 'erase' }>): Promise<void> {
    say(null);
    // Asked when something is kept: what is persistent is not erased when the disk runs short.
    if (question.type === 'add') await navigator.storage.persist().catch(() => false);
    progress.hidden = false;
    for await (const reply of host.ask(question, never)) {
      if (reply.type === 'fetched') progress.value = reply.bytes / reply.total;
      if (reply.type === 'end' && reply.failure) say(reply.failure.message);
    }
    progress.hidden = true;
    await refresh();
  }

  async function refresh(): Promise<void> {
    for await (const reply of host.ask({ type: 'find' }, never)) {
      if (reply.type === 'shelf') shelf = reply.shelf;
      if (reply.type === 'end' && reply.failure) status?.replaceChildren(reply.failure.message);
    }
    if (!shelf) return;
    const { device, stored, offered, used, quota } = shelf;
    status?.replaceChildren([`Runs on: ${device}`, ...host.notes()].join('. '));
    find('#dot').classList.add('ready');
    room?.replaceChildren(roomWords({ stored, used, quota }));
    const chosen = choice.value;
    choice.replaceChildren(
      ...stored.map(({ pack }) => new Option(pack.name, pack.id)),
      ...offered.map((pack) => new Option(`${pack.name} · downloads ${sizeWords(sizeOf(pack))}`, pack.id)),
    );
    if (packs().some(({ id }) => id === chosen)) choice.value = chosen;
    find('#packs').replaceChildren(
      ...stored.map(({ pack, bytes }) => {
        const item = document.createElement('li');
        item.className = 'card other line';
        const button = document.createElement('button');
        button.className = 'button';
        button.textContent = 'Remove';
        button.setAttribute('aria-label', `Remove ${pack.name}`);
        button.addEventListener('click', () => void change({ type: 'erase', pack: pack.id }));
        const name = document.createElement('span');
        name.className = 'cut';
        name.textContent = pack.name;
        const size = document.createElement('span');
        size.className = 'quiet number';
        size.textContent = sizeWords(bytes);
        const space = document.createElement('span');
        space.className = 'space';
        item.append(name, size, space, button);
        return item;
      }),
    );
  }

  function say(message: string | null, tone: 'calm' | 'bad' = 'bad'): void {
    if (!notice) return;
    notice.className = `notice ${tone}`;
    notice.hidden = message === null;
    notice.textContent = message ?? '';
  }
}
