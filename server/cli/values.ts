/** Values on the command line: each parser returns what can not be wrong, or says what was expected. */
import { InvalidArgumentError } from 'commander';
import { type GenerateRequest, LIMITS, PLAN_FIELDS } from '../../models/protocol.js';
import { readPalette } from '../../models/request/palette.js';
import { MAXIMUM_BATCH } from '../engine/batch.js';

/** `--steps`: how many (what that means for a pack is models/request/presets.ts' to say), or the teacher alone. */
export type Steps = number | 'all';

export function parseSeed(text: string): number {
  return parseInteger(text, 0, Number.MAX_SAFE_INTEGER);
}

export function parseCount(text: string): number {
  return parseInteger(text, 1, LIMITS.pictures);
}

export function parseSteps(text: string): Steps {
  if (text === 'all') return 'all';
  if (!/^\d+$/.test(text) || text === '0')
    throw new InvalidArgumentError(
      'Expected 1, 2, more (passes that refine, or codes that the teacher draws again, as the pack can), or all.',
    );
  return parseInteger(text, 1, 65_536);
}

export function parseRefinements(text: string): number {
  return parseInteger(text, 0, LIMITS.refinements);
}

/** `--resample` */
export function parseResample(text: string): number {
  return parseInteger(text, 1, 65_536);
}

/** "512x512" or "512": pixels. */
export function parseSize(text: string): { width: number; height: number } {
  const match = /^(\d+)(?:[x×](\d+))?$/i.exec(text);
  const [width, height] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  const fits = (side: number) => side >= 16 && side <= LIMITS.side;
  if (!match || !fits(width) || !fits(height))
    throw new InvalidArgumentError(`Expected WIDTHxHEIGHT in pixels, each from 16 to ${LIMITS.side}, as in 512x512.`);
  return { width, height };
}

/** An address of Valkey or Redis; a database is a number behind a slash. */
export function parseQueue(text: string): string {
  const address = URL.canParse(text) ? new URL(text) : null;
  if (
    address === null ||
    !/^rediss?:$/.test(address.protocol) ||
    !address.hostname ||
    !/^\/?\d*$/.test(address.pathname)
  )
    throw new InvalidArgumentError('Expected redis://[user:password@]host[:port][/database], or rediss:// for TLS.');
  return text;
}

export const parseStrength = (text: string): number =>
  parseNumber(text, (value) => value >= 0 && value <= 1, 'a number from 0 to 1');

/** @returns width divided by height */
export function parseAspect(text: string): number {
  const [, width, height] = /^(\d{1,4}(?:\.\d{1,3})?)[:x/](\d{1,4}(?:\.\d{1,3})?)$/i.exec(text) ?? [];
  const aspect = Number(width) / Number(height);
  // Beyond that a picture is a line.
  if (!(aspect >= 1 / 16 && aspect <= 16))
    throw new InvalidArgumentError('Expected WIDTH:HEIGHT, from 1:16 to 16:1, as in 16:9.');
  return aspect;
}

/** Thousands are for patience, not for use. */
export function parseNoises(text: string): number {
  return parseInteger(text, 0, 10_000);
}

/** `--batch` */
export function parseBatch(text: string): number {
  return parseInteger(text, 1, MAXIMUM_BATCH);
}

export function parsePort(text: string): number {
  return parseInteger(text, 1, 65_535);
}

export function parseGuidance(text: string): number {
  return parseNumber(text, (value) => value >= 0 && value <= 100, 'a number from 0 to 100');
}

export function parseTemperature(text: string): number {
  return parseNumber(text, (value) => value > 0 && value <= 100, 'a number above 0, at most 100');
}

export function parseTopP(text: string): number {
  return parseNumber(text, (value) => value > 0 && value <= 1, 'a number above 0, at most 1');
}

export function parseTopK(text: string): number {
  return parseInteger(text, 0, 1_000_000);
}

function parseInteger(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  return value;
}

function parseNumber(text: string, fits: (value: number) => boolean, expected: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || !fits(value))
    throw new InvalidArgumentError(`Expected ${expected}.`);
  return value;
}

/** "background=mint", added to what earlier options of the kind said. */
export function parsePalette(text: string): GenerateRequest['palette'] {
  const read = readPalette(text);
  if ('colours' in read) return [...read.colours];
  throw new InvalidArgumentError(`"${read.fault}" is not a colour; write them as in "#1a2b3c,#ffcc00".`);
}

export function parsePlan(text: string, before: GenerateRequest['plan'] = {}): GenerateRequest['plan'] {
  const [field = '', value = ''] = text.split(/=(.*)/s);
  const known = PLAN_FIELDS.find((name) => name === field.trim());
  if (!known || value.trim() === '')
    throw new InvalidArgumentError(
      `"${text}" is not one of ${PLAN_FIELDS.join(', ')} with a value, as in background=mint.`,
    );
  return { ...before, [known]: value.trim() };
}
