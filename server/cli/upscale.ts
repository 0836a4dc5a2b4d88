/** `twostep upscale`: a picture of the person's, larger. And `twostep import upscaler`, which brings what that takes. */
import { basename, dirname, extname, resolve } from 'node:path';
import { importUpscaler } from '../../models/import/upscaler.js';
import { encodePng } from '../../models/run/png.js';
import type { Scale, Way } from '../../models/run/upscale.js';
import { toXmp } from '../../models/run/xmp.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import { prepareOutput } from '../node/output-folder.js';
import type { Reporter } from '../node/reporter.js';
import { upscalerFolder } from '../packs/places.js';
import { decodeFile } from '../upscale/decode.js';
import { enlarge } from '../upscale/enlarge.js';
import { writePicture } from './picture-files.js';

export type UpscaleOptions = {
  readonly scale: Scale;
  readonly by: Way;
  /** Folder; left out, that of the picture. */
  readonly out?: string | undefined;
};

type Context = { readonly reporter: Reporter; readonly signal: AbortSignal };

export async function runUpscale(
  picture: string,
  options: UpscaleOptions,
  { reporter, signal }: Context,
): Promise<ExitCode> {
  const folder = resolve(options.out ?? dirname(picture));
  const output = await prepareOutput(folder, 'The picture');
  try {
    const image = await decodeFile(picture);
    for await (const event of enlarge(image, { scale: options.scale, way: options.by }, signal)) {
      if (event.type === 'progress') {
        reporter.progress(event, { label: `enlarging ${options.scale}x`, fraction: event.fraction });
        continue;
      }
      const { width, height } = event.image;
      const bytes = encodePng(event.image, {
        Software: 'Twostep',
        'XML:com.adobe.xmp': toXmp({ request: null, prompt: null }),
      });
      const stem = `${basename(picture, extname(picture))}-${options.scale}x`;
      const file = await writePicture(folder, stem, 'png', bytes);
      reporter.result({ type: 'picture', file, width, height, by: event.by, bytes: bytes.length }, file);
      reporter.note({ type: 'enlarged', by: event.by }, `${width} x ${height} pixels, by ${event.by}.`);
    }
    return EXIT.ok;
  } finally {
    reporter.end();
    await output.tidy();
  }
}

/** Where "npm install" puts it. */
const USUAL = 'node_modules/@upscalerjs/esrgan-slim';

export async function runImportUpscaler(from = USUAL, { reporter, signal }: Context): Promise<ExitCode> {
  const folder = upscalerFolder();
  const info = await importUpscaler(resolve(from), folder, signal);
  reporter.result({ type: 'done', folder, ...info }, folder);
  reporter.note({ type: 'upscaler', name: info.name }, `${info.name} (${info.licence}) enlarges pictures from now on.`);
  return EXIT.ok;
}
