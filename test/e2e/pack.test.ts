/** What `npm pack` makes: npm, pnpm and Yarn install it into an empty folder with no variable set, and there it runs. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requestFromPng } from '../../models/run/metadata.js';
import { ROOT } from '../../scripts/paths.mjs';
import { runProgram } from '../support/checkout.js';
import { writePack } from '../support/packs.js';

/** What .ci/run and npm set for their own children, and a person's shell does not have. */
const UNSAID = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) =>
      /^(onnxruntime_|npm_config_onnxruntime|npm_package_|npm_lifecycle|npm_execpath|npm_config_local_prefix)/i.test(
        name,
      ),
    )
    .map((name) => [name, undefined]),
);

const folder = mkdtempSync(join(tmpdir(), 'twostep-pack-'));
const app = join(folder, 'app');
const NAME = 'twostep-image';
let archive: string;
let files: string[];

beforeAll(async () => {
  const packed = await runProgram('npm', ['pack', '--pack-destination', folder], { cwd: ROOT });
  expect(packed.code, packed.stderr).toBe(0);
  archive = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'no archive');
  files = execFileSync('tar', ['-tzf', archive]).toString().trim().split('\n');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{"name": "app", "private": true}');
  const install = await runProgram('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', archive], {
    cwd: app,
    env: UNSAID,
  });
  expect(install.code, install.stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const home = join(folder, 'home');
const twostep = (...args: string[]) =>
  runProgram('npx', ['--no-install', 'twostep', ...args], {
    cwd: app,
    env: {
      HOME: home,
      XDG_CACHE_HOME: undefined,
      TWOSTEP_PACKS: join(folder, 'packs'),
      TWOSTEP_CACHE: join(folder, 'cache'),
      // npx has files of its own at home.
      npm_config_cache: join(folder, 'npm'),
      npm_config_update_notifier: 'false',
    },
  });

it('holds the bundle, the packs and the words about them, and no source', () => {
  const own = files.filter((name) => !/^package\/(dist\/|models\/packs\/)/.test(name));
  expect(own).toEqual(expect.arrayContaining(['package/LICENSE', 'package/NOTICE', 'package/README.md']));
  expect(own.filter((name) => /\.(ts|mjs|js|py)$/.test(name))).toEqual([]);
  const declared = files.filter((name) => name.startsWith('package/dist/types/'));
  expect(declared.filter((name) => !name.endsWith('.d.ts'))).toEqual([]);
  expect(
    files.filter((name) => /\/(test|trainer|checkpoints?|reference)\//.test(name) && !name.endsWith('.webp')),
  ).toEqual([]);
  expect(files).toEqual(expect.arrayContaining(['package/dist/twostep.js', 'package/dist/THIRD_PARTY.txt']));
});

it('E4: has all of the plugin or none, the starter pack once, and what its README shows and names', () => {
  expect(files.filter((name) => /manifest\.json|plugin\.js|dist\/panel\.html/.test(name))).toEqual([]);
  expect(files.filter((name) => name.endsWith('/student.onnx'))).toEqual(['package/models/packs/starter/student.onnx']);
  const readme = readFileSync(join(app, 'node_modules', NAME, 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\(([^)#\s]+)/g)]
    .map(([, link]) => `${link}`)
    .filter((link) => !/^https?:/.test(link));
  expect(links.length).toBeGreaterThan(2);
  expect(links.filter((link) => !existsSync(join(app, 'node_modules', NAME, link)))).toEqual([]);
});

it('E4: weighs what it should: ONNX Runtime for five systems is most of it', () => {
  expect(statSync(archive).size).toBeLessThan(135_000_000);
  const runtime = files.filter((name) => /onnxruntime_binding\.node$/.test(name));
  expect(runtime.map((name) => /napi-v6\/(.*)\/onnx/.exec(name)?.[1]).sort()).toEqual([
    'darwin/arm64',
    'linux/arm64',
    'linux/x64',
    'win32/arm64',
    'win32/x64',
  ]);
  expect(files.filter((name) => /providers_(cuda|shared|tensorrt)/.test(name))).toEqual([]);
});

it('brings the native packages and what they need, and nothing that was bundled', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const installed = (name: string) => existsSync(join(app, 'node_modules', name));
  expect(Object.keys(dependencies).filter((name) => !installed(name))).toEqual([]);
  expect(Object.keys(devDependencies).filter(installed)).toEqual([]);
  for (const name of ['protobufjs', 'long', 'onnxruntime-web', 'typescript', 'global-agent'])
    expect(installed(name), name).toBe(false);
});

it('names the licence of everything inside the bundle', () => {
  const text = readFileSync(join(app, 'node_modules', NAME, 'dist', 'THIRD_PARTY.txt'), 'utf8');
  for (const name of ['commander', 'zod', 'fflate', '@bufbuild/protobuf', '@huggingface/tokenizers'])
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
});

it('runs', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(await twostep('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
  const wrong = await twostep('generate', 'owl', '--seed', 'x');
  expect(wrong.code).toBe(2);
  const packs = join(folder, 'packs', 'test-pack');
  writePack(packs);
  const list = await twostep('pack', 'list');
  expect([list.code, list.stdout]).toEqual([0, expect.stringMatching(/^test-pack +68 B {2}Test pack$/m)]);
  rmSync(packs, { recursive: true });
});

it('reaches ONNX Runtime, and tells in a sentence that a graph is none', async () => {
  const run = await twostep('generate', 'owl', '--pack', writePack(join(folder, 'no-graphs')), '--seed', '1');
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('A graph of the pack could not be loaded');
  expect(run.stderr).not.toContain('    at ');
});

it('draws with the pack that came along, again bit for bit, and writes nowhere else', async () => {
  mkdirSync(home, { recursive: true });
  const out = join(folder, 'pictures');
  const first = await twostep('generate', 'a calm sea', '--seed', '7', '--out', out);
  expect(first.code, first.stderr).toBe(0);
  const again = await twostep('generate', '--like', first.stdout.trim(), '--out', out);
  expect(again.code, again.stderr).toBe(0);
  expect(again.stdout).toBe(`${join(out, 'a-calm-sea-7-2.png')}\n`);
  const [one, two] = [first, again].map(({ stdout }) => readFileSync(stdout.trim()));
  expect(one?.subarray(1, 4).toString()).toBe('PNG');
  expect(two?.equals(one ?? Buffer.of())).toBe(true);
  // ONNX Runtime would keep a device id and a database here if its telemetry were on.
  expect(readdirSync(home, { recursive: true })).toEqual([]);
});

/** What the declarations must let through, and what they must not. */
const TYPED = `
import { buildRequest, createEngine, FAMILIES, type GenerateEvent, openPack, type Pack, targetOf, upgradeRequest } from '${NAME}';
import { createCompanionEngine } from '${NAME}/client';
import { filesOf, loadOnnxRuntime, readPackFolder, starterFolder } from '${NAME}/node';
import { LIMITS } from '${NAME}/protocol';
const found = await readPackFolder(starterFolder());
const pack: Pack = found.pack;
const open = openPack({ pack, files: filesOf(found), families: FAMILIES, ort: await loadOnnxRuntime(), session: {} });
const request = buildRequest(targetOf(pack), { prompt: 'a', seeds: [1, LIMITS.pictures] });
const events: GenerateEvent[] = [];
for await (const event of createEngine(open)(request, new AbortController().signal)) events.push(event);
export const bytes: Uint8Array[] = events.flatMap((event) => (event.type === 'picture' ? [event.bytes] : []));
const read = upgradeRequest({});
export const side: number = read.ok ? read.request.size.width : read.message.length;
createCompanionEngine({ url: '', token: '' });
// @ts-expect-error a prompt is a text
buildRequest(targetOf(pack), { prompt: 5, seeds: [1] });
// @ts-expect-error there is no such event
events.filter((event) => event.type === 'nonsense');
`;

it('can be imported by programs of others: Node draws with it, and TypeScript knows its types', async () => {
  writeFileSync(join(app, 'program.mjs'), readFileSync(join(ROOT, 'examples', 'generate.mjs')));
  const file = join(app, 'house.png');
  const drawn = await runProgram(process.execPath, ['program.mjs', 'a red house', file], { cwd: app, env: UNSAID });
  expect(drawn.code, drawn.stderr).toBe(0);
  expect(requestFromPng(readFileSync(file))).toMatchObject({ prompt: 'a red house' });

  writeFileSync(join(app, 'program.mts'), TYPED);
  const options = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    module: 'nodenext',
    lib: ['es2023', 'dom'],
    types: [],
  };
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['program.mts'] }));
  const checked = await runProgram(
    process.execPath,
    [createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-p', '.'],
    { cwd: app },
  );
  expect(checked.stdout).toBe('');
  expect(checked.code).toBe(0);
});

/** The other package managers, each a package of npm's itself. */
const MANAGERS = [
  { name: 'pnpm', package: 'pnpm@12', start: ['pnpm', 'bin', 'pnpm.mjs'], add: () => ['add', archive] },
  { name: 'yarn 1', package: 'yarn@1', start: ['yarn', 'bin', 'yarn.js'], add: () => ['add', `file:${archive}`] },
  {
    name: 'yarn 4',
    package: '@yarnpkg/cli-dist@4',
    start: ['@yarnpkg', 'cli-dist', 'bin', 'yarn.js'],
    add: () => ['add', archive],
  },
];

it.each(MANAGERS)(
  'E2, E4: installed with $name it starts and draws',
  async ({ name, package: manager, start, add }) => {
    const tools = mkdtempSync(join(folder, 'tools-'));
    const place = mkdtempSync(join(folder, 'place-'));
    for (const at of [tools, place]) writeFileSync(join(at, 'package.json'), '{"name": "app", "private": true}');
    // Without it Yarn 4 takes the folder for a part of whatever is above it.
    if (name === 'yarn 4') writeFileSync(join(place, 'yarn.lock'), '');
    const fetch = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', manager];
    const fetched = await runProgram('npm', fetch, { cwd: tools });
    expect(fetched.code, fetched.stderr).toBe(0);
    const env = { ...UNSAID, CI: undefined, HOME: home, YARN_NODE_LINKER: 'node-modules', YARN_ENABLE_TELEMETRY: '0' };
    const command = join(tools, 'node_modules', ...start);
    const added = await runProgram(process.execPath, [command, ...add()], { cwd: place, env });
    expect(added.code, added.stdout + added.stderr).toBe(0);
    const out = join(place, 'out');
    const drawn = await runProgram(
      join(place, 'node_modules', '.bin', 'twostep'),
      ['generate', 'a red star', '--seed', '1', '--out', out],
      { cwd: place, env: { ...env, TWOSTEP_DATA: join(place, 'data'), TWOSTEP_CACHE: join(place, 'cache') } },
    );
    expect([drawn.code, drawn.stdout], drawn.stderr).toEqual([0, `${join(out, 'a-red-star-1.png')}\n`]);
  },
);

it('E2: the first line of the command is one that every package manager reads', () => {
  const text = readFileSync(join(app, 'node_modules', NAME, 'dist', 'twostep.js'), 'utf8');
  expect(text.split('\n', 1)).toEqual(['#!/usr/bin/env node']);
});
