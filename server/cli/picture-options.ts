/** What `generate` and `start` take: which pictures, and where to. */
import { type Command, Option } from 'commander';
import { GenerateRequest } from '../../models/protocol.js';
import { PICTURE_FORMATS, type PictureFormat } from './picture-files.js';
import type { RequestOptions } from './request.js';
import {
  parseAspect,
  parseCount,
  parseGuidance,
  parsePalette,
  parsePlan,
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
      '1 or 2 steps; a greater number: how many codes the teacher draws again in between; all: the teacher alone (default: 2)',
      parseSteps,
    )
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
