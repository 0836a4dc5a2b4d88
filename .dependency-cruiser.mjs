/**
 * Who may import what: one row a room. A path that a row does not name is forbidden to it.
 *
 * `own` are the files of the row, `may` the files of ours that they may import beside their own, `packages` what they may
 * take from npm, `node` the modules of Node.
 */
const CONTRACTS = [
  'models/(protocol|pack|upgrade-pack|vocabulary|wildcards|graphs|operators|printable|schema)\\.ts',
  'models/request/',
];

/** Zod's mini build for what pages carry: the other is 56 kB more of the panel's script. */
const SCHEMAS = ['zod/(mini|locales)'];

/** All modules of Node. */
const ANY = ['*'];

const TABLE = [
  {
    own: 'models/(protocol|pack|upgrade-pack|vocabulary|wildcards|graphs|operators|printable|schema)\\.ts',
    packages: SCHEMAS,
  },
  { own: 'models/request/', may: ['models/(protocol|pack|vocabulary|wildcards|schema)\\.ts'], packages: SCHEMAS },
  {
    own: 'models/api\\.ts',
    may: [
      'models/(protocol|vocabulary|wildcards|printable|schema)\\.ts',
      'models/request/',
      'models/families/packs\\.ts',
    ],
    packages: SCHEMAS,
  },
  // Web-standard as well: clients of the companion, for panel and command.
  { own: 'models/client/', may: ['models/(protocol|api)\\.ts'], packages: ['eventsource-parser'] },
  // Web-standard JavaScript only: the same files run in Node, in a browser and in a worker.
  { own: 'models/sampling/' },
  // A family knows its own folder, the interface, and no other family.
  {
    own: 'models/families/([^/]+)/',
    of: 'models/families/$1/',
    may: [
      ...CONTRACTS,
      'models/families/family\\.ts',
      'models/sampling/',
      'models/run/(image|once|png|progress|prompt|recall|runtime)\\.ts',
      // What a scene is, for networks that are told it.
      'models/run/scene/scene\\.ts',
    ],
    packages: SCHEMAS,
  },
  {
    own: 'models/families/[^/]+\\.ts',
    of: 'models/families/',
    may: [...CONTRACTS, 'models/run/(png|progress|prompt|runtime)\\.ts'],
    packages: SCHEMAS,
  },
  {
    own: 'models/run/',
    may: [...CONTRACTS, 'models/families/family\\.ts', 'models/(sampling|vector)/'],
    packages: ['character-entities(-legacy)?', 'fflate', '@huggingface/tokenizers', 'onnxruntime-common', ...SCHEMAS],
    typesOnly: ['onnxruntime-common'],
  },
  // Web-standard as well: panel and companion trace alike.
  {
    own: 'models/vector/',
    may: ['models/run/(image|png)\\.ts'],
    packages: ['d3-contour', '@types/d3-contour', 'fit-curve'],
  },
  // What other programs import: names of the rooms above, and nothing of its own.
  { own: 'models/library/', may: [...CONTRACTS, 'models/api\\.ts', 'models/(client|families|run|vector)/'] },
  // Hostile input: only these files know that there is a disk.
  { own: 'models/checkpoint/(?!open\\.ts|file\\.ts|write-)', of: 'models/checkpoint/', packages: ['zod'] },
  { own: 'models/checkpoint/(open|file|write-.*)\\.ts', of: 'models/checkpoint/', node: ['fs', 'path'] },
  {
    own: 'models/onnx/',
    may: ['models/operators\\.ts'],
    node: ['fs', 'path', 'crypto', 'worker_threads'],
    packages: ['@bufbuild/protobuf'],
  },
  {
    own: 'models/nets/',
    may: [
      'models/onnx/',
      'models/checkpoint/tensor\\.ts',
      'models/(pack|graphs)\\.ts',
      'models/families/(var|switti)/graphs\\.ts',
      'models/sampling/(scales|resample)\\.ts',
    ],
    packages: ['zod'],
  },
  {
    own: 'models/import/',
    may: [...CONTRACTS, 'models/(run|sampling|families|checkpoint|onnx|nets)/'],
    node: ANY,
    packages: ['zod', 'onnxruntime-node', 'onnxruntime-common'],
    typesOnly: ['onnxruntime-common'],
  },
  { own: 'scripts/', node: ANY, packages: ['esbuild', 'typescript', 'fflate'] },
  // What command and companion share of a machine: its disk, its screen, exit codes.
  { own: 'server/node/', may: ['models/(protocol|printable)\\.ts'], node: ANY },
  {
    own: 'server/packs/',
    may: [
      ...CONTRACTS,
      'models/api\\.ts',
      'models/families/packs\\.ts',
      'models/run/',
      'models/onnx/hash\\.ts',
      'models/import/(alive|partial-folder|recipe)\\.ts',
    ],
    node: ANY,
    packages: ['zod', 'https?-proxy-agent', 'proxy-from-env'],
  },
  {
    own: 'server/engine/',
    may: [
      ...CONTRACTS,
      'models/api\\.ts',
      'models/families/all\\.ts',
      'models/run/',
      'models/import/alive\\.ts',
      'server/packs/',
    ],
    node: ANY,
    packages: ['onnxruntime-node'],
  },
  {
    own: 'server/vector/',
    may: [...CONTRACTS, 'models/(run|vector)/', 'server/packs/'],
    node: ANY,
    packages: ['sharp'],
  },
  // Strangers' pictures, decoded in a process of its own.
  { own: 'server/pictures/', may: [...CONTRACTS, 'models/run/'], node: ANY, packages: ['sharp'] },
  // Pictures larger, for command and companion.
  {
    own: 'server/upscale/',
    may: [...CONTRACTS, 'models/run/', 'server/(engine/onnxruntime|packs/places|vector/trace)\\.ts'],
    node: ANY,
    packages: ['sharp'],
  },
  {
    own: 'server/upstream/',
    may: [...CONTRACTS, 'models/(client|run)/', 'server/(packs|pictures|node)/'],
    node: ANY,
    packages: ['zod'],
  },
  { own: 'server/library/', may: ['models/run/runtime\\.ts', 'server/(engine|packs)/'], node: ANY },
  // What systemd and launchd are told.
  { own: 'server/service/', node: ANY },
  // What draws, and in which form pictures are handed out, for command, companion and agents.
  {
    own: 'server/drawing/',
    may: [
      ...CONTRACTS,
      'models/api\\.ts',
      'models/families/packs\\.ts',
      'models/run/',
      'server/(packs|upstream|vector)/',
    ],
    packages: ['sharp'],
  },
  {
    own: 'server/mcp/',
    may: [...CONTRACTS, 'server/(drawing|pictures|vector)/'],
    node: ANY,
    packages: ['zod', '@modelcontextprotocol/server'],
  },
  {
    own: 'server/companion/',
    may: [
      ...CONTRACTS,
      'models/api\\.ts',
      'models/families/packs\\.ts',
      'server/(drawing|engine|mcp|node|packs|pictures|upscale|upstream|vector)/',
      // Read only by those who name a queue.
      'server/queue/gateway\\.ts',
    ],
    node: ANY,
    packages: ['hono', '@hono/node-server', 'lmdb', 'prom-client', 'zod', '@modelcontextprotocol/server'],
  },
  // What several companions share, and who draws for them.
  {
    own: 'server/queue/',
    may: [
      ...CONTRACTS,
      'models/api\\.ts',
      'models/families/packs\\.ts',
      'server/companion/((jobs|auth)/|backend\\.ts|local-engine\\.ts|log\\.ts|warm-up\\.ts)',
      'server/(engine|node|packs|upstream)/',
    ],
    node: ANY,
    packages: ['bullmq', 'ioredis', 'zod'],
  },
  // Nothing imports the command but the program.
  {
    own: 'server/(cli/|main\\.ts)',
    may: [
      ...CONTRACTS,
      'models/api\\.ts',
      'models/families/(all|packs)\\.ts',
      'models/(run|import|client)/',
      'server/',
    ],
    node: ANY,
    packages: ['commander', 'onnxruntime-node'],
  },
  { own: 'plugin/' },
  {
    own: 'ui/(?!engine-page/|engines/wasm|playground/)',
    of: 'ui/',
    may: [
      'plugin/messages\\.ts',
      'models/(protocol|pack|vocabulary|wildcards|api|schema)\\.ts',
      'models/(request|client)/',
      'models/families/packs\\.ts',
      'models/vector/',
      'models/run/(base64|edit|ground|pattern|png|read-png|xmp)\\.ts',
      'models/run/scene/',
      'models/run/vocabulary/',
    ],
    packages: ['preact', 'eventsource-parser', ...SCHEMAS],
  },
  // Runs the plugin's own code on a document of its own.
  { own: 'ui/playground/', of: 'ui/', may: ['plugin/', 'models/(protocol|api)\\.ts'], packages: ['preact'] },
  {
    own: 'ui/(engine-page/|engines/wasm)',
    of: 'ui/',
    may: [
      'models/(protocol|pack|vocabulary|wildcards|schema)\\.ts',
      'models/(request|run)/',
      'models/families/(all|packs)\\.ts',
    ],
    packages: ['onnxruntime-(web|common)', ...SCHEMAS],
  },
];

const rules = TABLE.flatMap(({ own, of = own, may = [], node = [], packages = [], typesOnly = [] }) => {
  const from = { path: `^${own}` };
  const name = own
    .replace(/\(\?!.*?\)|[^a-z]+/g, '-')
    .replace(/-+/g, '-')
    .replace(/-$/, '');
  const allowed = [
    ...[of, ...may].map((path) => `^${path}`),
    ...packages.map((name) => `node_modules/${name}/`),
    ...(node === ANY ? [] : node.map((module) => `^(node:)?${module}(/|$)`)),
  ];
  return [
    {
      name,
      comment: `may import: ${[...may, ...packages, ...node].join(', ') || 'nothing'}`,
      severity: 'error',
      from,
      // Files of ours, packages and modules of Node alike.
      to: { pathNot: allowed, couldNotResolve: false, ...(node === ANY ? { dependencyTypesNot: ['core'] } : {}) },
    },
    ...typesOnly.map((path) => ({
      name: `${name}-types-only`,
      comment: `${path}: types only`,
      severity: 'error',
      from,
      to: { path, dependencyTypesNot: ['type-only'] },
    })),
  ];
});

export default {
  forbidden: [
    ...rules,
    {
      name: 'no-circle',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'not-found', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'tests-are-not-for-use', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test/reference)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
