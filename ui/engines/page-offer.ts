/**
 * The engine page as the panel sees it: an https page in a frame that nobody sees, because a panel in Figma has neither WebGPU nor
 * storage (plugin/FIGMA.md). The handshake is told in ui/engine-page/messages.ts.
 */
import type { Engine, GenerateEvent } from '../../models/protocol.js';
import { type Conversation, createConversation } from '../engine-page/conversation.js';
import { type Call, type Hello, Ready, type Reply, type Shelf } from '../engine-page/messages.js';
import { TEXT } from '../panel/text.js';
import type { EngineOffer, Finding } from './offer.js';
import { toModel } from './pack-model.js';

/**
 * Where the folder dist/engine-page is hosted, with https. Null: nowhere yet, so the panel in Figma draws with the companion or by
 * itself. The host belongs into the manifest's `allowedDomains` as well.
 */
export const ENGINE_PAGE: string | null = null;

/** Milliseconds for a page that is not there to be told from one that is slow. */
const PATIENCE = 15_000;

/** @param url of the engine page; @param place the window that the frame goes into */
export function createPageOffer(url: string, place: Window & typeof globalThis): EngineOffer {
  const origin = new URL(url).origin;
  let connection: Promise<Connection> | null = null;
  const connect = () => {
    connection ??= openFrame(url, origin, place).catch((error: unknown) => {
      connection = null;
      throw error;
    });
    return connection;
  };

  const engine: Engine = async function* (request, signal) {
    const cancelled: GenerateEvent = { type: 'error', code: 'cancelled', message: 'Cancelled.' };
    if (signal.aborted) return yield cancelled;
    let ended = false;
    try {
      for await (const reply of (await connect()).ask({ type: 'draw', request }, signal)) {
        if (reply.type === 'event') {
          yield reply.event;
          ended ||= reply.event.type === 'done' || reply.event.type === 'error';
        } else if (reply.type === 'end' && !ended && reply.failure) yield { type: 'error', ...reply.failure };
      }
    } catch (error) {
      yield { type: 'error', code: 'engine-unavailable', message: (error as Error).message };
    }
  };

  return {
    id: 'page',
    // Its page has to be loaded from somewhere.
    isLocal: false,
    engine,
    async find(signal): Promise<Finding> {
      let page: Connection;
      try {
        page = await connect();
      } catch (error) {
        return { state: 'absent', why: 'offline', detail: (error as Error).message };
      }
      let shelf: Shelf | null = null;
      for await (const reply of page.ask({ type: 'find' }, signal)) {
        if (reply.type === 'shelf') shelf = reply.shelf;
        if (reply.type === 'end' && reply.failure)
          return { state: 'absent', why: 'unsupported', detail: reply.failure.message };
      }
      if (!shelf) return { state: 'absent', why: 'stopped', detail: '' };
      const models = [...shelf.stored.map(({ pack }) => pack), ...shelf.offered].map((pack) => toModel(pack, null));
      return { state: 'ready', device: shelf.device, models };
    },
  };
}

type Asked = Exclude<Call, { readonly type: 'cancel' }>;
type Question = Asked extends infer One ? (One extends Asked ? Omit<One, 'id'> : never) : never;
type Connection = Pick<Conversation<Question>, 'ask'>;

async function openFrame(url: string, origin: string, place: Window & typeof globalThis): Promise<Connection> {
  const frame = place.document.createElement('iframe');
  frame.src = url;
  frame.hidden = true;
  frame.title = 'Engine';
  const nonce = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  const hello: Hello = { type: 'twostep-hello', version: 1, nonce };
  const port = await new Promise<MessagePort>((resolve, reject) => {
    const hear = ({ source, origin: from, data, ports }: MessageEvent) => {
      if (source !== frame.contentWindow || from !== origin) return;
      const ready = Ready.safeParse(data);
      if (!ready.success || ready.data.nonce !== nonce || !ports[0]) return;
      settle();
      resolve(ports[0]);
    };
    const timer = setTimeout(() => {
      settle();
      frame.remove();
      reject(new Error(TEXT.engines.pageSilent));
    }, PATIENCE);
    const settle = () => {
      clearTimeout(timer);
      place.removeEventListener('message', hear);
    };
    place.addEventListener('message', hear);
    // Only a page of that origin reads it: an error page of the browser, which also loads, does not.
    frame.addEventListener('load', () => frame.contentWindow?.postMessage(hello, origin));
    place.document.body.append(frame);
  });
  const conversation = createConversation<Question>((message) => port.postMessage(message));
  port.onmessage = ({ data }: MessageEvent<Reply>) => conversation.hear(data);
  return conversation;
}
