/**
 * pack.json of every version, brought up to the newest before its schema looks at it. Packs lie on disks, in browsers and on
 * other people's servers, so every version that was ever written can be read for ever (golden files: test/unit/packs/golden).
 */
export const PACK_VERSION = 2;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Entry n brings a pack of version n + 1 up to version n + 2; `version` itself is set by `upgradePack`. An entry is never changed
 * once it was released. What is damaged is passed on as it is: the schema names it.
 */
const MIGRATIONS: readonly ((pack: Fields) => Fields)[] = [
  // 1 to 2: only LlamaGen's networks existed, and their fields stood among the others.
  ({ grid, codebook, student, teacher, decoder, ...common }) => ({
    ...common,
    size: sizeOf(grid),
    family: { kind: 'llamagen', grid, codebook, student, teacher, decoder },
  }),
];

/** @returns the pack at the newest version, or what it was given where that is no pack or of a version that is not known here */
export function upgradePack(raw: unknown): unknown {
  if (!isRecord(raw)) return raw;
  const { version } = raw;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) return raw;
  return MIGRATIONS.slice(version - 1).reduce<Fields>(
    (pack, step, index) => ({ ...step(pack), version: version + index + 1 }),
    raw,
  );
}

/** Pixels of a grid of codes. */
function sizeOf(grid: unknown): unknown {
  if (!isRecord(grid)) return undefined;
  const [rows, columns, downsample] = [grid['rows'], grid['columns'], grid['downsample']].map(Number) as [
    number,
    number,
    number,
  ];
  return { width: columns * downsample, height: rows * downsample };
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
