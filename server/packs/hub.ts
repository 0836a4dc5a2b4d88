/**
 * Hugging Face's hub, or a mirror of it (`HF_ENDPOINT`): what a repository holds, and the addresses of its files. Its answers are a stranger's: of the
 * names in them only those count that are looked for.
 */
import * as z from 'zod';
import { GenerateError } from '../../models/protocol.js';
import { ask, isSafe, type MayFollow } from './ask.js';
import type { Source } from './published.js';
import { pause, waitOf } from './retry-after.js';

export type HubFile = {
  readonly repository: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Of large files the hub says it; null where it does not. */
  readonly sha256: string | null;
};

/** The largest published file has 10.2 GB. */
const MAXIMUM_FILE_BYTES = 64 * 2 ** 30;
/** A listing of a thousand files has some 300 kB. */
const MAXIMUM_LISTING_BYTES = 8 * 2 ** 20;

const Tree = z.array(
  z.object({
    type: z.string(),
    path: z.string().max(1000),
    size: z.number().int().min(0).max(MAXIMUM_FILE_BYTES).optional(),
    lfs: z
      .object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().min(0).max(MAXIMUM_FILE_BYTES) })
      .optional(),
  }),
);

/** Of the whole network, in order of preference; the first whose weights are there is taken. */
const WEIGHTS = [
  { index: 'model.safetensors.index.json', part: /^model-\d{5}-of-\d{5}\.safetensors$/ },
  { whole: 'model.safetensors' },
  { index: 'pytorch_model.bin.index.json', part: /^pytorch_model-\d{5}-of-\d{5}\.bin$/ },
  { whole: 'pytorch_model.bin' },
] as const;

export type Hub = {
  readonly endpoint: URL;
  /** Hosts to which it sends on for large files, without a question. */
  isOwn(host: string): boolean;
  /** @throws GenerateError `unknown-pack` */
  listFiles(source: Source, how: { readonly signal: AbortSignal; readonly mayFollow: MayFollow }): Promise<HubFile[]>;
  address(file: Pick<HubFile, 'repository' | 'path'>): URL;
};

/** @throws GenerateError `unknown-pack` for a mirror that is no encrypted address */
export function openHub(mirror: string | undefined): Hub {
  const text = mirror === undefined || mirror === '' ? 'https://huggingface.co' : mirror;
  const refuse = (why: string) => new GenerateError('unknown-pack', `HF_ENDPOINT is "${text}", which ${why}.`);
  if (!URL.canParse(text)) throw refuse('is no address');
  const endpoint = new URL(text);
  if (!isSafe(endpoint)) throw refuse('does not begin with https');
  const under = (path: string) => new URL(`${endpoint.pathname.replace(/\/$/, '')}${path}`, endpoint);
  return {
    endpoint,
    isOwn: (host) => host === endpoint.host || /(^|\.)(hf\.co|huggingface\.co)$/.test(host),
    address: ({ repository, path }) =>
      under(`/${repository}/resolve/main/${path.split('/').map(encodeURIComponent).join('/')}`),
    async listFiles(source, { signal, mayFollow }) {
      const { repository, what } = source;
      const inside =
        'file' in what && what.file.includes('/') ? `/${what.file.slice(0, what.file.lastIndexOf('/'))}` : '';
      const url = under(`/api/models/${repository}/tree/main${inside}`);
      const listed = parseTree(await readText(url, signal, mayFollow), url);
      const files = new Map(listed.filter(({ type }) => type === 'file').map((one) => [one.path, one]));
      const wanted = 'file' in what ? [what.file] : [...what.folder, ...weightsAmong([...files.keys()], repository)];
      return wanted.map((path) => {
        const found = files.get(path);
        const size = found?.lfs?.size ?? found?.size;
        if (size === undefined)
          throw new GenerateError(
            'unknown-pack',
            `There is no ${path} in "${repository}" on ${endpoint.host} any more.`,
          );
        return { repository, path, size, sha256: found?.lfs?.oid ?? null };
      });
    },
  };
}

function weightsAmong(names: readonly string[], repository: string): string[] {
  for (const kind of WEIGHTS) {
    if ('whole' in kind) {
      if (names.includes(kind.whole)) return [kind.whole];
      continue;
    }
    const parts = names.filter((name) => kind.part.test(name));
    if (names.includes(kind.index) && parts.length > 0) return [kind.index, ...parts];
  }
  throw new GenerateError('unknown-pack', `There are no weights in "${repository}" that are read here.`);
}

function parseTree(text: string, url: URL): z.infer<typeof Tree> {
  try {
    return Tree.parse(JSON.parse(text));
  } catch (cause) {
    throw new GenerateError(
      'unknown-pack',
      `"${url.href}" does not answer as the hub does: ${(cause as Error).message.slice(0, 300)}`,
      { cause },
    );
  }
}

async function readText(url: URL, signal: AbortSignal, mayFollow: MayFollow): Promise<string> {
  const refuse = (why: string) => new GenerateError('unknown-pack', `"${url.href}" could not be read: ${why}.`);
  for (let attempt = 0; ; attempt++) {
    const answer = await ask(url, {}, signal, mayFollow).catch((error: unknown) => {
      throw signal.aborted || error instanceof GenerateError ? error : refuse((error as Error).message);
    });
    try {
      const wait = waitOf(answer.status, answer.header('retry-after'));
      if (wait !== null && attempt < 5) {
        await pause(wait, signal);
        continue;
      }
      if (answer.status === 401 || answer.status === 403)
        throw refuse(
          `it answered ${answer.status}: its owner lets nobody in without an account. Fetch the files in a browser, then "twostep import"`,
        );
      if (answer.status !== 200) throw refuse(`it answered ${answer.status}`);
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of answer.body) {
        size += part.length;
        if (size > MAXIMUM_LISTING_BYTES) throw refuse(`it has more than ${MAXIMUM_LISTING_BYTES} bytes`);
        parts.push(part);
      }
      return Buffer.concat(parts).toString('utf8');
    } finally {
      answer.discard();
    }
  }
}
