/**
 * A second model family, as small as one can be: two colours drawn from the seed, and a graph that makes a gradient of them.
 * Tests put this file in the place of models/families/all.ts; whatever then draws knows no family by name.
 */
import * as z from 'zod/mini';
import type { Family, FamilyInfo } from '../../models/families/family.js';
import { type Pack, PackPath } from '../../models/pack.js';
import { toRgb } from '../../models/run/image.js';
import { noiseFor } from '../../models/sampling/noise.js';

const Part = z.strictObject({ kind: z.literal('gradient'), graph: PackPath });
const graphOf = ({ family }: Pack) => Part.parse(family).graph;
/** [2, 3] from -1 to 1 */
const coloursOf = (seed: number) => noiseFor(seed, 2, 3).map(Math.tanh);
const ONE_STEP = { kind: 'student', steps: 1 } as const;

const info: FamilyInfo = {
  kind: 'gradient',
  part: Part,
  files: (pack) => [{ path: graphOf(pack), role: 'decoder' }],
  faults: () => [],
  presets: () => ({ standard: ONE_STEP }),
  canEdit: () => false,
};

const gradient: Family = {
  info,
  scheduleOfSteps: () => ONE_STEP,
  checkRequest: () => [],
  units: () => [{ kind: 'colours', phase: 'step', guess: 1 }],
  sampling: () => null,
  describe: () => [['gradient', 'between two colours']],
  preference: () => 0,
  open({ pack, graph }) {
    const load = graph(graphOf(pack));
    return {
      channels: 3,
      load: async () => void (await load()),
      readPrompt: async () => {},
      async *sample({ seeds, signal, progress }) {
        signal.throwIfAborted();
        yield progress.advance();
        yield { type: 'latents', latents: seeds.map(coloursOf), draft: false };
      },
      async decode(latents) {
        const outputs = await (await load()).run({ colours: { type: 'float32', shape: [2, 3], data: latents } });
        return toRgb(outputs.float32('image'), pack.size.width, pack.size.height);
      },
      encode: null,
      probe: null,
    };
  },
};

export const FAMILIES: readonly Family[] = [gradient];
export const FAMILY_INFOS: readonly FamilyInfo[] = [info];
