/** What `generate` and `start` take: which pictures, and where to. */
import { type Command, Option } from 'commander';
import { GenerateRequest } from '../../models/protocol.js';
import { PRESETS } from '../../models/request/presets.js';
import { PICTURE_FORMATS, type PictureFormat } from './picture-files.js';
import type { RequestOptions } from './request.js';
import {
  parseAspect,
  parseCount,
  parseGuidance,
  parsePalette,
  parsePlan,
  parseRefinements,
  parseResample,
  parseSeed,
  parseSize,
  parseSteps,
  parseStrength,
  parseTemperature,
  parseTopK,
  parseTopP,
} from './values.js';

/** Options of `generate` and `start` as commander gives them. */
export type PictureOptions = Omit<RequestOptions, 'prompt'> & {
  pack?: string;
  like?: string;
  image?: string;
  mask?: string;
  strength?: number;
  /** Width divided by height. */
  extend?: number;
  out: string;
  format: PictureFormat;
};

export function pictureOptions(command: Command, out: string): Command {
  return command
    .option('--pack <pack>', 'folder or id of a pack (default: the best at hand)')
    .option('--seed <number>', 'seed of the first picture (default: random, and shown)', parseSeed)
    .option('--count <number>', 'pictures, with the seeds that follow (default: 1)', parseCount)
    .option(
      '--steps <steps>',
      '1 or 2; all: the teacher alone; a greater number is --refinements or --resample, as the pack can (default: 2)',
      parseSteps,
    )
    .option('--refinements <number>', 'passes of the student over its own codes', parseRefinements)
    .option('--resample <number>', 'codes that the teacher draws again between the steps', parseResample)
    .addOption(new Option('--preset <preset>', 'what the pack means by it').choices(PRESETS))
    .addOption(new Option('--draw <how>', 'how the teacher alone draws').choices(['sample', 'noise']))
    .option('--guidance <number>', 'how closely the teacher follows the prompt', parseGuidance)
    .option('--top-k <number>', 'the teacher chooses among this many codes, 0: all', parseTopK)
    .option('--top-p <number>', 'the teacher chooses among codes of this total probability', parseTopP)
    .option('--temperature <number>', 'how freely the teacher chooses', parseTemperature)
    .option('--size <pixels>', 'as in 512x512 (default: what the pack draws)', parseSize)
    .addOption(
      new Option('--background <kind>', 'transparent: take the even background away (default: opaque)').choices(
        GenerateRequest.shape.background.options,
      ),
    )
    .option('--draft', 'write the picture after step 1 as well')
    .option(
      '--plan <field=value>',
      'hold on to a part of the plan, as in background=mint or layout="left, large"; again for another field',
      parsePlan,
    )
    .option(
      '--palette <colours>',
      'colours of a flat picture instead of its own, as in "#1a2b3c,#ffcc00,#ffffff"',
      parsePalette,
    )
    .option('--force', 'draw the words as they stand, also where none is understood')
    .option('--like <picture>', 'make this picture again; other options change what they name')
    .option('--image <file>', 'start from this picture (PNG, JPEG, WebP) instead of from nothing')
    .option('--mask <file>', 'draw anew only where this picture, of the same size, is transparent')
    .option('--strength <share>', 'how much is drawn anew, 0 to 1 (default: 0.75; with a mask 1)', parseStrength)
    .option(
      '--extend <aspect>',
      'keep all of the picture, and draw around it up to this aspect, as in 16:9',
      parseAspect,
    )
    .addOption(
      new Option('--format <format>', 'svg: traced into layers with outlines').choices(PICTURE_FORMATS).default('png'),
    )
    .option('--out <folder>', 'where the pictures go', out);
}
