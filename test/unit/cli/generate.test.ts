import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partOf } from '../../../models/families/llamagen/part.js';
import { GenerateError, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { encodePicture } from '../../../models/run/metadata.js';
import { runCommand } from '../../support/command.js';
import { createFakeEngine, drawAll, pictureOf, progress } from '../../support/fake-engine.js';
import { paintPixels } from '../../support/flat-pictures.js';
import { describePack } from '../../support/packs.js';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'twostep-cli-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

const generate = (...args: string[]) => ['generate', ...args, '--out', out];

describe('twostep generate', () => {
  it('asks for what the options say and writes one file a seed', async () => {
    const engine = createFakeEngine();
    const run = await runCommand(generate('A red fox, jumping!', '--seed', '7', '--count', '3'), { engine });
    expect(run.exitCode).toBe(0);
    expect(engine.requests).toEqual([
      {
        ...REQUEST_DEFAULTS,
        prompt: 'A red fox, jumping!',
        pack: 'test-pack',
        seeds: [7, 8, 9],
        schedule: { kind: 'student', steps: 2 },
        sampling: null,
        size: { width: 256, height: 256 },
        draft: false,
      },
    ]);
    const names = [7, 8, 9].map((seed) => `a-red-fox-jumping-${seed}.png`);
    expect(readdirSync(out).sort()).toEqual(names);
    expect(run.stdout).toBe(names.map((name) => `${join(out, name)}\n`).join(''));
    expect(readFileSync(join(out, 'a-red-fox-jumping-8.png'), 'utf8')).toBe('picture 8');
    expect(run.stderr).toContain('seeds 7 to 9');
  });

  it('takes a palette as people write it', async () => {
    const engine = createFakeEngine();
    await runCommand(generate('owl', '--palette', '#1A2B3C, fc0 #ffffff'), { engine });
    expect(engine.requests.at(-1)?.palette).toEqual(['#1a2b3c', '#ffcc00', '#ffffff']);
    for (const [palette, words] of [
      ['#1a2b3c,green', '"green" is not a colour'],
      ['#1a2b3c', 'one colour would leave nothing to be seen'],
    ] as const) {
      const run = await runCommand(generate('owl', '--palette', palette), { engine });
      expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining(words)]);
    }
  });

  it('names each file by the words that its seed draws, and draws each line of a batch', async () => {
    const engine = createFakeEngine();
    await runCommand(generate('a {red|blue} fox', '--seed', '4', '--count', '2'), { engine });
    expect(readdirSync(out).sort()).toEqual(['a-blue-fox-5.png', 'a-red-fox-4.png']);
    const run = await runCommand(generate('-', '--seed', '6', '--count', '2'), { engine, input: 'owl\n\ncat\n' });
    expect(run.exitCode).toBe(0);
    expect(engine.requests.at(-1)).toMatchObject({ prompt: 'owl\n\ncat', seeds: [6, 8, 7, 9] });
    expect(
      readdirSync(out)
        .filter((name) => /owl|cat/.test(name))
        .sort(),
    ).toEqual(['cat-7.png', 'cat-9.png', 'owl-6.png', 'owl-8.png']);
    const wrong = await runCommand(generate('a {red fox'), { engine });
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('"{" at character 3 is not closed')]);
  });

  it('A8: says how much work it is', async () => {
    const { teacher } = partOf(describePack());
    const flow = {
      kind: 'flow-head',
      graph: 'student.onnx',
      layers: 2,
      width: 64,
      times: [0],
      codebook: 'codebook.f32',
    };
    const student = { ...flow, refinements: { standard: 2, fine: 12 }, sampling: teacher?.sampling };
    const pack = describePack({ student, teacher: null });
    for (const [steps, words] of [
      ['1', 'seed 5, 1 step, 256'],
      ['4', 'seed 5, 1 step and up to 3 refinement passes, 256'],
    ] as const) {
      const run = await runCommand(generate('owl', '--seed', '5', '--steps', steps), {
        engine: createFakeEngine(),
        pack,
      });
      expect(run.stderr).toContain(words);
    }
  });

  it('A9: names files as the panel does, with the marks on their letters', async () => {
    for (const prompt of ['ガラスの城', 'हिन्दी', 'cafe\u0301'])
      await runCommand(generate(prompt, '--seed', '5'), { engine: createFakeEngine() });
    expect(readdirSync(out).sort()).toEqual(['ガラスの城-5.png', 'हिन्दी-5.png', 'café-5.png'].sort());
  });

  it('shows the seed that it drew', async () => {
    const run = await runCommand(generate('owl'), { engine: createFakeEngine() });
    expect(run.stderr).toContain('seed 4711');
    expect(existsSync(join(out, 'owl-4711.png'))).toBe(true);
  });

  it('writes layers with outlines where they are asked for, and says what they keep', async () => {
    const engine = createFakeEngine((request) =>
      [...drawAll(request)].map((step) => {
        if (step.type !== 'picture') return step;
        const image = paintPixels(64, 64, (x) => (x < 20 ? [255, 210, 60] : [43, 108, 240]));
        return { ...step, bytes: encodePicture(image, request) };
      }),
    );
    const run = await runCommand(generate('owl', '--seed', '7', '--format', 'svg'), { engine });
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toBe(`${join(out, 'owl-7.svg')}\n`);
    expect(run.stderr).toContain('Vectors keep 100% of the picture in 2 layers and 8 points.');
    expect(readFileSync(join(out, 'owl-7.svg'), 'utf8')).toContain('<title>owl</title>');
    expect(readdirSync(out)).toEqual(['owl-7.svg']);
    expect((await runCommand(generate('owl', '--format', 'bmp'))).exitCode).toBe(2);
  });

  it('overwrites nothing', async () => {
    writeFileSync(join(out, 'owl-1.png'), 'mine');
    for (const expected of ['owl-1-2.png', 'owl-1-3.png']) {
      const run = await runCommand(generate('owl', '--seed', '1'), { engine: createFakeEngine() });
      expect(run.stdout).toBe(`${join(out, expected)}\n`);
    }
    expect(readFileSync(join(out, 'owl-1.png'), 'utf8')).toBe('mine');
    expect(readdirSync(out)).toHaveLength(3);
  });

  it.each([
    [['--steps', '1'], { kind: 'student', steps: 1 }],
    [['--steps', '40'], { kind: 'mixed', resampled: 40 }],
    [['--resample', '40'], { kind: 'mixed', resampled: 40 }],
    [['--refinements', '4'], { kind: 'student', steps: 2, refinements: 4 }],
    [['--steps', '1', '--refinements', '4'], { kind: 'student', steps: 1, refinements: 4 }],
    [['--preset', 'standard'], { kind: 'student', steps: 2 }],
    [['--steps', 'all'], { kind: 'teacher', draw: 'sample' }],
    [['--steps', 'all', '--draw', 'noise'], { kind: 'teacher', draw: 'noise' }],
  ])('%j is the schedule %j', async (args, schedule) => {
    const engine = createFakeEngine();
    await runCommand(generate('owl', ...args), { engine });
    expect(engine.requests[0]?.schedule).toEqual(schedule);
  });

  it('completes the sampling from the pack', async () => {
    const engine = createFakeEngine();
    await runCommand(generate('owl', '--steps', 'all', '--guidance', '3.5', '--top-p', '0.9'), { engine });
    expect(engine.requests[0]?.sampling).toEqual({ guidance: 3.5, topK: 10, topP: 0.9, temperature: 1 });
  });

  it('uses the teacher of a pack without a student, and one step of a student with one', async () => {
    const engine = createFakeEngine();
    await runCommand(generate('owl'), { engine, pack: describePack({ student: null }) });
    const one = { kind: 'two-head', graph: 'student.onnx', layers: 2, width: 64, times: [0], split: 130 };
    await runCommand(generate('owl'), { engine, pack: describePack({ student: one }) });
    expect(engine.requests.map(({ schedule }) => schedule)).toEqual([
      { kind: 'teacher', draw: 'sample' },
      { kind: 'student', steps: 1 },
    ]);
  });

  it('writes drafts under a name of their own', async () => {
    const engine = createFakeEngine((request) => [{ type: 'draft', ...pictureOf(request, 0) }, ...drawAll(request)]);
    await runCommand(generate('owl', '--seed', '3', '--draft', '--size', '512x320'), { engine });
    expect(engine.requests[0]).toMatchObject({ draft: true, size: { width: 512, height: 320 } });
    expect(readdirSync(out).sort()).toEqual(['owl-3-draft.png', 'owl-3.png']);
  });

  it('speaks JSON, a line an event, with files in place of bytes', async () => {
    const run = await runCommand(['--json', ...generate('owl', '--seed', '1')], { engine: createFakeEngine() });
    expect(run.stderr).toBe('');
    const records = run.records();
    expect(records.map(({ type }) => type)).toEqual(['request', 'progress', 'progress', 'picture', 'done']);
    expect(records[3]).toEqual({
      type: 'picture',
      index: 0,
      seed: 1,
      width: 256,
      height: 256,
      bytes: 9,
      file: join(out, 'owl-1.png'),
    });
  });

  it('makes a picture again from the request that it carries', async () => {
    const first = createFakeEngine();
    await runCommand(generate('owl', '--seed', '5', '--steps', '1', '--size', '64'), { engine: first });
    const request = first.requests[0];
    if (!request) throw new Error('no request');
    const picture = join(out, 'from.png');
    writeFileSync(picture, encodePicture({ width: 64, height: 64, rgb: new Uint8Array(64 * 64 * 3) }, request));

    const again = createFakeEngine();
    const run = await runCommand(generate('--like', picture), { engine: again });
    expect(run.exitCode).toBe(0);
    expect(again.requests).toEqual(first.requests);

    const changed = createFakeEngine();
    await runCommand(generate('a barn', '--like', picture, '--count', '2'), { engine: changed });
    expect(changed.requests).toEqual([{ ...request, prompt: 'a barn', seeds: [5, 6] }]);
  });

  it('refuses a picture without a request', async () => {
    const path = join(out, 'plain.png');
    writeFileSync(path, '\x89PNG, not a picture', 'latin1');
    const run = await runCommand(generate('--like', path), { engine: createFakeEngine() });
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('The picture can not be read');
  });
});

describe('twostep start', () => {
  it('draws an idea of the pack when nothing is said', async () => {
    const engine = createFakeEngine();
    const run = await runCommand(['start', '--out', out, '--seed', '1'], { engine });
    expect(run.exitCode).toBe(0);
    expect(engine.requests[0]?.prompt).toBe('owl');
  });
});

describe('failures', () => {
  it.each([
    ['empty-prompt', 2],
    ['unknown-pack', 3],
    ['damaged-pack', 3],
    ['out-of-memory', 1],
    ['cancelled', 130],
  ] as const)('an event "%s" ends with %i and keeps what was finished', async (code, exitCode) => {
    const engine = createFakeEngine((request) => [
      { type: 'picture', ...pictureOf(request, 0) },
      { type: 'error', code, message: 'The reason, in a sentence.' },
    ]);
    const run = await runCommand(generate('owl', '--seed', '1', '--count', '2'), { engine });
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toContain('The reason, in a sentence.\n');
    expect(readdirSync(out)).toEqual(['owl-1.png']);
  });

  it('Ctrl-C ends with 130 and keeps what was finished', async () => {
    const cancel = new AbortController();
    const engine = createFakeEngine((request) => [
      progress('step', 0, 2, 0),
      { type: 'picture', ...pictureOf(request, 0) },
      { type: 'hang' },
    ]);
    const run = await runCommand(generate('owl', '--seed', '1', '--count', '2'), {
      engine,
      signal: cancel.signal,
      onOutput: () => cancel.abort(),
    });
    expect(run.exitCode).toBe(130);
    expect(run.stderr).toContain('Cancelled.');
    expect(readdirSync(out)).toEqual(['owl-1.png']);
  });

  it('a fault of the program is one sentence, and a stack only when asked for', async () => {
    const engine = createFakeEngine([{ type: 'throw', error: new TypeError('x is not a function') }]);
    const quiet = await runCommand(generate('owl'), { engine });
    expect(quiet.exitCode).toBe(70);
    expect(quiet.stderr).toContain(
      'This is a fault of Twostep: x is not a function. Run it again with TWOSTEP_DEBUG=1',
    );
    expect(quiet.stderr).not.toContain('    at ');
    const loud = await runCommand(generate('owl'), { engine, environment: { TWOSTEP_DEBUG: '1' } });
    expect(loud.stderr).toContain('    at ');
  });

  it('an engine that falls silent is a fault', async () => {
    const run = await runCommand(generate('owl'), { engine: createFakeEngine([]) });
    expect(run.exitCode).toBe(70);
    expect(run.stderr).toContain('without saying "done" or "error"');
  });

  it('a pack that can not be opened ends with 3', async () => {
    const openLocalEngine = () => Promise.reject(new GenerateError('unknown-pack', 'There is no pack "x".'));
    const run = await runCommand(generate('owl', '--pack', 'x'), { openLocalEngine });
    expect([run.exitCode, run.stderr]).toEqual([3, 'There is no pack "x".\n']);
  });

  it('a folder that is a file is said so', async () => {
    const file = join(out, 'file');
    writeFileSync(file, '');
    const run = await runCommand(['generate', 'owl', '--out', file], { engine: createFakeEngine() });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(`${file}: it is there already.`);
  });

  it.each([
    [['--seed', '-1'], 'Expected a whole number from 0 to 9007199254740991.'],
    [['--seed', '1.5'], 'Expected a whole number'],
    [['--count', '65'], 'from 1 to 64'],
    [['--steps', '0'], 'Expected 1, 2, more'],
    [['--refinements', '257'], '256'],
    [['--refinements', '1', '--resample', '2'], '--refinements and --resample exclude each other'],
    [['--preset', 'fine', '--steps', '2'], '--preset and --steps 2 do not fit together'],
    [['--resample', '5', '--steps', '1'], '--resample and --steps 1 do not fit together'],
    [['--steps', 'many'], 'Expected 1, 2, more'],
    [['--size', '512x'], 'WIDTHxHEIGHT'],
    [['--size', '8x512'], 'from 16 to 4096'],
    [['--guidance', 'high'], 'a number from 0 to 100'],
    [['--top-p', '0'], 'above 0, at most 1'],
    [['--temperature', ''], 'above 0, at most 100'],
    [['--draw', 'well'], 'Allowed choices are sample, noise'],
    [['--frobnicate'], "unknown option '--frobnicate'"],
    [['another prompt'], 'too many arguments'],
    [['--draw', 'noise'], '--draw says how the teacher alone draws'],
    [['--seed', '9007199254740991', '--count', '2'], 'would pass the greatest seed'],
  ])('%j is refused', async (args, message) => {
    const engine = createFakeEngine();
    const run = await runCommand(generate('owl', ...args), { engine });
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(message);
    expect(run.stderr).not.toContain('    at ');
    expect(engine.requests).toEqual([]);
  });

  it('a missing prompt and a teacher that is not there are said', async () => {
    const silent = await runCommand(generate(), { engine: createFakeEngine() });
    expect([silent.exitCode, silent.stderr]).toEqual([2, 'A prompt is missing: say what to draw, in quotes.\n']);
    const pack = describePack({ teacher: null });
    const steered = await runCommand(generate('owl', '--guidance', '2'), { engine: createFakeEngine(), pack });
    expect(steered.exitCode).toBe(2);
    expect(steered.stderr).toContain('steer the teacher, and pack test-pack has none');
  });

  it('failures are JSON when JSON was asked for', async () => {
    const run = await runCommand(['--json', ...generate()], { engine: createFakeEngine() });
    expect(run.records()).toEqual([
      { type: 'error', code: 'failed', message: 'A prompt is missing: say what to draw, in quotes.' },
    ]);
  });
});
