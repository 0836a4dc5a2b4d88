/**
 * Finding the companion and pairing with it. Nothing is sent before `find` or `pair` is called, and those are called when
 * the person asks (FIGMA: local network access is the person's to give).
 */
import * as z from 'zod/mini';
import { Model as ApiModel, Health, PairAnswer, PORTS, readEach } from '../../models/api.js';
import { type CompanionOptions, createCompanionEngine } from '../../models/client/companion.js';
import { followOrders } from '../../models/client/panel-orders.js';
import { Pack } from '../../models/families/packs.js';
import type { Engine } from '../../models/protocol.js';
import { Vocabulary } from '../../models/vocabulary.js';
import { TEXT } from '../panel/text.js';
import { type Ask, createCompanionMemory, findJob } from './companion-memory.js';
import type { EngineOffer, Finding, Model } from './offer.js';
import { toModel, toRemoteModel } from './pack-model.js';

/** One that is not there refuses at once; one that draws on all processors takes a while to answer. Milliseconds. */
const PATIENCE = 5000;

const Labels = z.array(z.array(z.string()).check(z.minLength(1)));

export type CompanionPlace = {
  /** Where it may be, likeliest first: `http://localhost:21212`. */
  readonly urls?: readonly string[];
  /** The token of last time, kept where the panel keeps its settings. */
  readonly token: () => Promise<string | null>;
  readonly keepToken: (token: string | null) => void;
  /** Whether the page came from the companion itself. */
  readonly isOwn?: boolean;
  /** A name for the companion's list of who is paired. */
  readonly name: string;
  readonly fetch?: typeof globalThis.fetch;
  /** What the browser says of reaching programs on this computer. */
  readonly permission?: () => Promise<PermissionState | null>;
};

export function createCompanionOffer(place: CompanionPlace): EngineOffer {
  const { urls = PORTS.map((port) => `http://localhost:${port}`), permission = askPermission } = place;
  const ask = place.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const session = `panel-${Math.random().toString(36).slice(2)}`;
  let paired: { readonly url: string; readonly token: string } | null = null;

  async function fetchFrom(url: string, path: string, token: string | null, signal: AbortSignal): Promise<Response> {
    const response = await ask(url + path, {
      headers: token === null ? {} : { Authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    if (!response.ok) throw new Refused(response.status);
    return response;
  }
  const get = async (url: string, path: string, token: string | null, signal: AbortSignal): Promise<unknown> =>
    (await fetchFrom(url, path, token, signal)).json();

  /** With the token, once there is one. */
  const askPaired: Ask = (path, signal) => {
    if (!paired) throw new Error(TEXT.engines.notConnected);
    return fetchFrom(paired.url, path, paired.token, signal);
  };

  const speak = (how: Pick<CompanionOptions, 'keep' | 'forget' | 'job'>): Engine =>
    async function* (request, signal) {
      if (!paired)
        return void (yield { type: 'error', code: 'engine-unavailable', message: TEXT.engines.notConnected });
      yield* createCompanionEngine({ ...paired, session, fetch: ask, ...how })(request, signal);
    };

  /** @returns the first address where Twostep answers */
  async function locate(signal: AbortSignal): Promise<string | null> {
    for (const url of urls) {
      const health = await get(url, '/health', null, signal).catch(() => null);
      if (Health.safeParse(health).success) return url;
    }
    return null;
  }

  async function absent(): Promise<Finding> {
    const state = await permission();
    if (state === 'denied') return { state: 'absent', why: 'permission', detail: '' };
    // Without the browser's word, a program that is not running and one that may not be reached look alike.
    return { state: 'absent', why: 'stopped', detail: state === 'granted' ? '' : 'unsure' };
  }

  async function enter(url: string, token: string, signal: AbortSignal): Promise<Finding> {
    const health = Health.parse(await get(url, '/health', token, signal));
    const { packs } = PackPage.parse(await get(url, '/v1/packs', token, signal));
    const models: Model[] = [];
    for (const { pack } of readEach(PackItem, packs))
      models.push(
        toModel(pack, await classesOf(pack, url, token, signal), await vocabularyOf(pack, url, token, signal)),
      );
    models.push(...(await remoteModels(url, token, signal)));
    if (models.length === 0) return { state: 'absent', why: 'damaged', detail: '' };
    paired = { url, token };
    return { state: 'ready', device: nameDevice(health.provider ?? null), models };
  }

  /** Models of other servers; a companion that is older than them has none. */
  async function remoteModels(url: string, token: string, signal: AbortSignal): Promise<Model[]> {
    const { data } = ModelPage.parse(await get(url, '/v1/models', token, signal));
    return readEach(ApiModel, data).flatMap((model) => toRemoteModel(model) ?? []);
  }

  async function classesOf(pack: Pack, url: string, token: string, signal: AbortSignal) {
    if (pack.condition.kind !== 'class') return null;
    const path = `/v1/packs/${pack.id}/files/${pack.condition.labels}`;
    const labels = Labels.safeParse(await get(url, path, token, signal).catch(() => null));
    return labels.success ? labels.data.map(([name = '']) => name) : null;
  }

  /** Without it words are not underlined, and all else goes on. */
  async function vocabularyOf(pack: Pack, url: string, token: string, signal: AbortSignal) {
    if (pack.vocabulary === undefined) return undefined;
    const path = `/v1/packs/${pack.id}/files/${pack.vocabulary}`;
    return Vocabulary.safeParse(await get(url, path, token, signal).catch(() => null)).data;
  }

  return {
    id: 'companion',
    isLocal: place.isOwn ?? false,
    engine: speak({ keep: true }),
    sketch: speak({ forget: true }),
    async resume(request, signal) {
      const job = paired && (await findJob(request, askPaired, signal));
      return job === null ? null : speak({ job });
    },
    memory: createCompanionMemory(askPaired),
    async followOrders(carryOut, signal) {
      if (paired) await followOrders({ ...paired, fetch: ask }, carryOut, signal);
    },
    async find(signal) {
      const url = await locate(signal);
      if (!url) return absent();
      const token = await place.token();
      if (token === null) return { state: 'unpaired' };
      try {
        return await enter(url, token, signal);
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 401) throw error;
        // Revoked there, or another companion than last time.
        place.keepToken(null);
        return { state: 'unpaired' };
      }
    },
    async pair(code, signal) {
      const url = await locate(signal);
      if (!url) return absent();
      const response = await ask(`${url}/v1/pair`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ code, name: place.name }),
        signal,
      });
      if (response.status === 429) return { state: 'absent', why: 'too-many-codes', detail: '' };
      // What can't be a code at all is refused as a request (400), a wrong one as itself (403).
      if (response.status === 400 || response.status === 403) return { state: 'absent', why: 'wrong-code', detail: '' };
      if (!response.ok) throw new Refused(response.status);
      const { token } = PairAnswer.parse(await response.json());
      place.keepToken(token);
      return enter(url, token, signal);
    },
  };
}

/** Read one by one: a pack of a newer version than this panel's hides no other. */
const PackPage = z.object({ packs: z.array(z.unknown()) });
const PackItem = z.object({ pack: Pack });
const ModelPage = z.object({ data: z.array(z.unknown()) });

class Refused extends Error {
  constructor(readonly status: number) {
    super(`The companion answered ${status}.`);
  }
}

/** Chrome 142 and later know the permission under one of these names; other browsers throw. */
async function askPermission(): Promise<PermissionState | null> {
  for (const name of ['loopback-network', 'local-network-access'])
    try {
      return (await navigator.permissions.query({ name: name as PermissionName })).state;
    } catch {
      // Not known here; the next name perhaps is.
    }
  return null;
}

/** Providers of ONNX Runtime in the words of people. */
function nameDevice(provider: string | null): string {
  const { devices } = TEXT.engines;
  return provider === null
    ? ''
    : Object.hasOwn(devices, provider)
      ? devices[provider as keyof typeof devices]
      : provider;
}
