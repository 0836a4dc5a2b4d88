/**
 * An Engine for the browser tests that really draws: hills, dunes and skies from the seed, with the pace of a small graphics
 * card, drafts first. It hears commands from the test through `window.scene`.
 */
import { type Engine, type GenerateEvent, type GenerateRequest, REQUEST_DEFAULTS } from '../../models/protocol.js';
import type { EngineOffer, Finding, Memory, Model } from '../../ui/engines/offer.js';

export type SceneControl = {
  /** Milliseconds of a step. */
  pace: number;
  /** After so many pictures it behaves as `fault` says. */
  after: number;
  fault: 'none' | 'hang' | 'engine-failed' | 'engine-unavailable' | 'throw' | 'unknown-class';
  /** Stands still once a draft is there. */
  hold: boolean;
  /** Requests that came. */
  requests: GenerateRequest[];
  /** What a search for it finds; null: it is ready. */
  finding: Finding | null;
};

const MODELS: readonly Model[] = [
  {
    id: 'starter',
    name: 'Starter',
    description: 'Flat illustrations: shapes, patterns, simple landscapes',
    licence: 'Apache-2.0',
    ideas: [
      'rolling hills at sunset',
      'terrazzo in cream and teal',
      'a large yellow star',
      'soft purple to pink gradient',
      'night sky with a crescent moon',
      'blue waves pattern',
    ],
    classes: null,
    side: 256,
    schedules: {
      draft: { kind: 'student', steps: 1 },
      standard: { kind: 'student', steps: 2 },
      fine: { kind: 'mixed', resampled: 64 },
    },
  },
  {
    id: 'imagenet-b',
    name: 'ImageNet B',
    description: 'Photographs of 1,000 things',
    licence: 'MIT, research use',
    ideas: ['red fox', 'lighthouse', 'espresso'],
    classes: ['red fox', 'kit fox', 'grey fox', 'lighthouse', 'espresso', 'barn', 'castle', 'church', 'volcano'],
    side: 256,
    schedules: { draft: { kind: 'student', steps: 1 }, standard: { kind: 'student', steps: 2 } },
  },
];

export function createScene(
  id: EngineOffer['id'],
  finding: Finding | null = null,
  local = true,
): EngineOffer & { control: SceneControl } {
  const control: SceneControl = {
    pace: 60,
    after: Number.POSITIVE_INFINITY,
    fault: 'none',
    hold: false,
    requests: [],
    finding,
  };
  const engine: Engine = async function* (request, signal) {
    control.requests.push(request);
    const { seeds, schedule } = request;
    const steps = schedule.kind === 'student' ? schedule.steps : 4;
    const work = seeds.length * steps;
    const cancelled = { type: 'error', code: 'cancelled', message: 'Stopped.' } as const;
    const at = (done: number): GenerateEvent => ({
      type: 'progress',
      phase: 'step',
      done,
      total: work,
      fraction: done / work,
      remaining: done === 0 ? null : (work - done) * control.pace,
    });
    for (const [index, seed] of seeds.entries()) {
      if (index >= control.after) {
        if (control.fault === 'throw') throw new Error('scene 7 has no sky');
        if (control.fault === 'hang') await wait(1e9, signal);
        else if (control.fault !== 'none')
          return void (yield { type: 'error', code: control.fault, message: MESSAGES[control.fault] });
      }
      for (let step = 0; step < steps; step++) {
        yield at(index * steps + step);
        await wait(control.pace, signal);
        if (signal.aborted) return void (yield cancelled);
        const picture = { index, seed, ...request.size };
        if (step > 0 && control.hold) await wait(1e9, signal);
        if (step === steps - 1) yield { type: 'picture', ...picture, bytes: await paint(request, seed, false) };
        else if (step === 0 && request.draft)
          yield { type: 'draft', ...picture, bytes: await paint(request, seed, true) };
      }
    }
    yield { type: 'done', milliseconds: { step: work * control.pace } };
  };
  return {
    id,
    engine,
    isLocal: local,
    control,
    find: async () => control.finding ?? { state: 'ready', device: id === 'panel' ? '' : 'RTX 4070', models: MODELS },
    ...(id === 'companion' ? { memory: KEPT } : {}),
    pair: async (_code) =>
      _code.replace(/\s/g, '').toUpperCase() === 'K7Q2MP'
        ? { state: 'ready', device: 'RTX 4070', models: MODELS }
        : { state: 'absent', why: 'wrong-code', detail: '' },
  };
}

/** What the companion made today, for the panel and for other programs. */
const KEPT: Memory = {
  list: async () => ({
    pictures: Array.from({ length: 22 }, (_, at) => ({
      id: `job/pictures/${at}`,
      at: Date.now() - at,
      request: keptRequest(at),
    })),
    next: null,
  }),
  small: async (id) => new Blob([new Uint8Array(await paint(keptRequest(numberOf(id)), numberOf(id), false))]),
  whole: (id) => paint(keptRequest(numberOf(id)), numberOf(id), false),
};

const numberOf = (id: string) => Number(id.split('/').at(-1));

const keptRequest = (at: number): GenerateRequest => ({
  ...REQUEST_DEFAULTS,
  prompt: ['night sky with a crescent moon', 'dunes at sunset', 'green hills'][Math.floor(at / 4) % 3] ?? '',
  pack: 'starter',
  seeds: [at],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 256, height: 256 },
  draft: true,
});

const MESSAGES = {
  'engine-failed': 'The graphics card ran into an error in step 2 of 2.',
  'engine-unavailable': 'The connection was closed.',
  'unknown-class': 'This model knows 1,000 things and “grene hils” is none of them. Near: green mamba, hill myna.',
};

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(milliseconds, 2 ** 31 - 1));
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const PALETTES = [
  { sky: ['#9cd3fa', '#e7f1de'], sun: '#ffd52e', hills: ['#a8e597', '#2aa84f', '#0f9ba0'] },
  { sky: ['#ff9a3d', '#ffd9a0'], sun: '#fff3c4', hills: ['#8e3bd0', '#3a2a8c', '#121838'] },
  { sky: ['#15173c', '#3b3f80'], sun: '#f6f3dd', hills: ['#2c4a8f', '#1d2f63', '#0e1736'] },
  { sky: ['#fbe3ec', '#fff6e9'], sun: '#ff7a6b', hills: ['#f4b6c0', '#d8839b', '#8d5273'] },
] as const;

/** The words choose the colours, the seed the lines; the same of both gives the same picture. */
async function paint({ prompt, size }: GenerateRequest, seed: number, draft: boolean): Promise<Uint8Array> {
  const { width, height } = size;
  let state = (seed + 1) * 2654435761;
  const random = () => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return state / 2 ** 32;
  };
  for (let warm = 0; warm < 8; warm++) random();
  const words = prompt.toLowerCase();
  const palette =
    PALETTES[/sunset|dune/.test(words) ? 1 : /night|moon/.test(words) ? 2 : /pink|blossom/.test(words) ? 3 : 0] ??
    PALETTES[0];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  const sky = context.createLinearGradient(0, 0, 0, height * 0.7);
  sky.addColorStop(0, palette.sky[0]);
  sky.addColorStop(1, palette.sky[1]);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = palette.sun;
  context.beginPath();
  context.arc(
    width * (0.15 + 0.7 * random()),
    height * (0.18 + 0.2 * random()),
    Math.min(width, height) * (0.07 + 0.05 * random()),
    0,
    7,
  );
  context.fill();
  for (const [layer, colour] of palette.hills.entries()) {
    const base = height * (0.52 + layer * 0.17);
    const [phase, waves, rise] = [random() * 6.3, 0.8 + random() * 1.6, height * (0.05 + 0.06 * random())];
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += 2)
      context.lineTo(x, base + Math.sin(phase + (x / width) * 6.3 * waves) * rise + Math.sin(x * 0.02 + phase) * 4);
    context.lineTo(width, height);
    context.fill();
  }
  if (!draft) return bytesOf(canvas);
  const rough = new OffscreenCanvas(width, height);
  const ink = rough.getContext('2d') as OffscreenCanvasRenderingContext2D;
  ink.drawImage(canvas, 0, 0, width / 14, height / 14);
  ink.drawImage(rough, 0, 0, width / 14, height / 14, 0, 0, width, height);
  return bytesOf(rough);
}

async function bytesOf(canvas: OffscreenCanvas): Promise<Uint8Array> {
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
}
