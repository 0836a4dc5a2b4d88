/** The sandbox's half: opens the panel, pushes the selection, does what the panel asks. Figma is handed in. */
import { type Binding, findBindings, readColours } from './colours.js';
import { IMAGE_KEY, isOurFill } from './fills.js';
import type { DropEvent, Host, ParameterInput } from './host.js';
import { describeLabels } from './labels.js';
import {
  CANVAS_LIMITS,
  COMMANDS,
  type Command,
  DROP_TYPE,
  type FileColour,
  readDropped,
  readToCanvas,
  type ToCanvas,
  type ToPanel,
} from './messages.js';
import { createPlacing } from './place.js';
import { quietly } from './quietly.js';
import { watchStanding } from './standing.js';
import { createStore } from './store.js';
import { describeSelection } from './targets.js';
import { watchSelection } from './watch.js';

const FILE_KEY = 'file';
const SIZE_KEY = 'size';
/** The panel's own; its recent prompts are of use before it is open. */
const SETTINGS_KEY = 'settings';
/** As many as Figma's list shows without scrolling. */
const SUGGESTIONS = 8;
const SIZE = { width: 320, height: 560 };

export function startCanvas(host: Host, html: string): void {
  let command: Command = 'open';
  let prompt: string | null = null;
  let panelIsThere = false;
  let file = host.root.getPluginData(FILE_KEY) || newFileName();
  const store = createStore(host);
  // A panel that is not there yet asks for everything with `ready`.
  const tell = (message: ToPanel) => {
    if (panelIsThere) host.ui.postMessage(message);
  };
  const standing = watchStanding(host, (mark, names) => tell({ type: 'standing', mark, names }));
  const markFile = () => {
    if (host.root.getPluginData(FILE_KEY) === '') host.root.setPluginData(FILE_KEY, file);
    file = host.root.getPluginData(FILE_KEY);
  };
  const placing = createPlacing(host, markFile, standing);
  const tellSelection = () => tell({ type: 'selection', ...describeSelection(host) });
  const greet = () => {
    tellSelection();
    tell({ type: 'hello', editor: host.editorType, file, command, prompt });
    // Once said, it is done: a panel that loads again must not generate again.
    command = 'open';
    prompt = null;
  };

  function take(message: ToCanvas): void {
    switch (message.type) {
      case 'ready':
        greet();
        break;
      case 'reserve':
        placing.reserve(message);
        break;
      case 'advance':
        placing.advance(message.job, message.index, message.fraction);
        break;
      case 'place': {
        const { job, index } = message;
        tell({ job, index, ...placing.place(message) });
        tellSelection();
        break;
      }
      case 'place-vectors': {
        const { job, index, bound } = message;
        const place = (bindings: readonly Binding[]) => {
          tell({ job, index, ...placing.placeVectors(message, bindings) });
          tellSelection();
        };
        if (bound.length === 0) place([]);
        else void findBindings(host, bound).then(place, () => place([]));
        break;
      }
      case 'release':
        placing.release(message.job);
        break;
      case 'read-colours': {
        const answer = (colours: readonly FileColour[]) => tell({ type: 'colours', colours });
        readColours(host).then(answer, () => answer([]));
        break;
      }
      case 'read-labels':
        tell({ type: 'labels', labels: describeLabels(host) });
        break;
      case 'read-image': {
        const { id } = message;
        const answer = (bytes: Uint8Array | null) => tell({ type: 'image', id, bytes });
        readImage(host, id).then(answer, () => answer(null));
        break;
      }
      case 'store': {
        const { key } = message;
        void store.save(key, message.value).then((reason) => reason && tell({ type: 'not-stored', key, reason }));
        break;
      }
      case 'load': {
        const { key } = message;
        void store.load(key).then((value) => tell({ type: 'stored', key, value: fitting(value) }));
        break;
      }
      case 'notify':
        host.notify(shorten(message.text));
        break;
      case 'resize': {
        const width = between(message.width, CANVAS_LIMITS.panel.width);
        const height = between(message.height, CANVAS_LIMITS.panel.height);
        host.ui.resize(width, height);
        void store.save(SIZE_KEY, JSON.stringify({ width, height }));
        break;
      }
      default:
        message satisfies never;
    }
  }

  host.ui.onmessage = (value) => {
    const message = readToCanvas(value);
    if (!message) return;
    panelIsThere = true;
    take(message);
  };
  watchSelection(host, tellSelection);
  // Figma waits for nothing here: what is synchronous happens, what is not does not.
  host.on('close', () => placing.releaseAll());
  const drop = (event: DropEvent): boolean => {
    const item = event.items.find(({ type }) => type === DROP_TYPE);
    const picture = item && readDropped(item.data);
    const file = event.files[0];
    // Somebody else's drop: Figma does with it what it always does.
    if (!picture || !file) return true;
    void file.getBytesAsync().then((bytes) => {
      const answer = placing.drop({ bytes, ...picture }, event.node, event.absoluteX, event.absoluteY);
      tell({ job: 'drop', index: 0, ...answer });
    });
    return false;
  };
  /** What was typed, and prompts of before that hold it. */
  const suggest = ({ query, result }: ParameterInput) =>
    void store.load(SETTINGS_KEY).then((json) => result.setSuggestions(suggestionsFor(query, recentOf(json))));
  quietly(() => host.on('drop', drop));
  quietly(() => host.parameters.on('input', suggest));
  host.on('run', (event) => {
    const typed = event.parameters?.['prompt'];
    prompt = typeof typed === 'string' && typed.trim() !== '' ? typed.slice(0, 20_000) : null;
    const known = COMMANDS.find((name) => name === event.command);
    command = prompt !== null ? 'generate' : (known ?? 'open');
    if (panelIsThere) return greet();
    const open = (size: { width: number; height: number }) =>
      host.showUI(html, { ...size, themeColors: true, title: 'Twostep' });
    void store.load(SIZE_KEY).then((value) => open(readSize(value)));
  });
}

/** @returns the picture that we put into a layer, where it is still there */
async function readImage(host: Host, id: string): Promise<Uint8Array | null> {
  const node = await host.getNodeByIdAsync(id);
  const hash = node ? node.getPluginData(IMAGE_KEY) : '';
  if (!node || hash === '' || !isOurFill(node, hash, IMAGE_KEY)) return null;
  const image = host.getImageByHash(hash);
  const bytes = image && (await image.getBytesAsync());
  return bytes && bytes.length <= CANVAS_LIMITS.pictureBytes ? bytes : null;
}

function recentOf(json: string | null): string[] {
  try {
    const { recent } = JSON.parse(json ?? '{}');
    return Array.isArray(recent) ? recent.filter((one): one is string => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

function suggestionsFor(query: string, recent: readonly string[]): string[] {
  const known = recent.filter((one) => one !== query && one.toLowerCase().includes(query.trim().toLowerCase()));
  return (query === '' ? known : [query].concat(known)).slice(0, SUGGESTIONS);
}

function readSize(json: string | null): { width: number; height: number } {
  try {
    const { width, height } = JSON.parse(json ?? '{}');
    if (typeof width !== 'number' || typeof height !== 'number') return SIZE;
    return {
      width: between(width, CANVAS_LIMITS.panel.width),
      height: between(height, CANVAS_LIMITS.panel.height),
    };
  } catch {
    return SIZE;
  }
}

const between = (value: number, [least, most]: readonly [number, number]) =>
  Math.round(Math.min(most, Math.max(least, value)));

const fitting = (value: string | null) => (value !== null && value.length <= CANVAS_LIMITS.stored ? value : null);

/** Figma shows at most so many characters. */
const shorten = (text: string) =>
  text.length <= CANVAS_LIMITS.notice ? text : `${text.slice(0, CANVAS_LIMITS.notice - 1)}…`;

const newFileName = () => Math.random().toString(36).slice(2, 12);
