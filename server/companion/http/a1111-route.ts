/** `/sdapi/v1`: the door of AUTOMATIC1111's web UI, by which SillyTavern and others come. Its key is a password of Basic, or a bearer token. */
import type { Context, Hono } from 'hono';
import { type DrawingModel, findModel, listModels } from '../../drawing/drawing-model.js';
import type { LoggedEvent } from '../jobs/store.js';
import { Options, Txt2Img, toImagesRequest, toTxt2ImgAnswer } from './a1111.js';
import type { Companion, Variables } from './companion.js';
import { failure, failureOf } from './failure.js';
import { readOrder } from './images.js';
import { ownerOf } from './owner.js';
import { readBody } from './read-body.js';
import { leaveOf } from './revocation.js';

/** What is under way for a token. */
type Work = { readonly job: string; readonly began: number; fraction: number; interrupted: boolean };

/** Lists of what there is one of here, or none. */
const LISTS: Readonly<Record<string, readonly object[]>> = {
  samplers: [{ name: 'Twostep', aliases: [], options: {} }],
  schedulers: [{ name: 'automatic', label: 'Automatic', aliases: null, default_rho: -1, need_inner_model: false }],
  upscalers: [{ name: 'None', model_name: null, model_path: null, model_url: null, scale: 1 }],
  'latent-upscale-modes': [],
  'sd-vae': [],
  loras: [],
};

export function addA1111(app: Hono<Variables>, companion: Companion): void {
  const { jobs } = companion;
  const works = new Map<string, Set<Work>>();
  /** The model that a token chose; there it is a setting of the program. */
  const chosen = new Map<string, string>();

  for (const [name, list] of Object.entries(LISTS))
    app.get(`/sdapi/v1/${name}`, (context) => {
      ownerOf(context);
      return context.json(list);
    });

  app.get('/sdapi/v1/sd-models', async (context) => {
    ownerOf(context);
    const models = await listModels(companion);
    return context.json(
      models.map(({ id }) => ({ title: id, model_name: id, hash: null, sha256: null, filename: id, config: null })),
    );
  });

  app.get('/sdapi/v1/options', async (context) => {
    const { id } = await modelFor(context, undefined);
    return context.json({ sd_model_checkpoint: id, sd_checkpoint_hash: null, samples_format: 'png' });
  });
  app.post('/sdapi/v1/options', async (context) => {
    const { sd_model_checkpoint: name } = await readBody(context.req.raw, Options);
    // Of all its settings the model is the one that means something here.
    if (name) chosen.set(ownerOf(context), (await findModel(companion, name)).id);
    return context.json({});
  });

  app.get('/sdapi/v1/progress', (context) => {
    const mine = [...(works.get(ownerOf(context)) ?? [])];
    const [first] = mine;
    const progress = first?.fraction ?? 0;
    const elapsed = first ? (Date.now() - first.began) / 1000 : 0;
    return context.json({
      progress,
      eta_relative: progress > 0 ? (elapsed * (1 - progress)) / progress : 0,
      state: {
        skipped: false,
        interrupted: mine.some(({ interrupted }) => interrupted),
        stopping_generation: false,
        job: first?.job ?? '',
        job_count: mine.length,
        job_timestamp: first ? new Date(first.began).toISOString() : '0',
        job_no: 0,
        sampling_step: Math.round(progress * 100),
        sampling_steps: first ? 100 : 0,
      },
      current_image: null,
      textinfo: null,
    });
  });

  app.post('/sdapi/v1/interrupt', async (context) => {
    const owner = ownerOf(context);
    for (const work of works.get(owner) ?? []) {
      work.interrupted = true;
      await jobs.cancel(owner, work.job);
    }
    return context.json({});
  });

  app.post('/sdapi/v1/txt2img', async (context) => {
    const body = await readBody(context.req.raw, Txt2Img);
    const owner = ownerOf(context);
    const model = await modelFor(context, body.override_settings?.sd_model_checkpoint ?? undefined);
    const { body: asked, remarks: said } = toImagesRequest(body, model);
    if ((asked.n ?? 1) > 10)
      throw failure(400, 'invalid_value', `"batch_size" times "n_iter" are ${asked.n} pictures; 10 are the most.`);
    const { request, remarks } = readOrder(asked, model, said);
    const job = await jobs.submit({ owner, client: owner, request });
    const work: Work = { job: job.id, began: Date.now(), fraction: 0, interrupted: false };
    const mine = works.get(owner) ?? new Set();
    works.set(owner, mine.add(work));
    const leave = leaveOf(companion, owner, context.req.raw.signal);
    const log: LoggedEvent[] = [];
    try {
      for await (const { number, event } of jobs.watch(owner, job.id, -1, leave.signal)) {
        if (event.type === 'progress') work.fraction = event.fraction;
        if (number !== null) log.push(event as LoggedEvent);
      }
    } finally {
      leave.end();
      mine.delete(work);
      if (mine.size === 0) works.delete(owner);
    }
    if (leave.revoked()) throw failure(401, 'invalid_api_key', 'This token was revoked meanwhile.');
    const last = log.at(-1);
    // There an interrupted request answers with what it has.
    if (last?.type === 'error' && !work.interrupted) throw failureOf(last.code, last.message, last.reading);
    return context.json(toTxt2ImgAnswer(body, model, log, remarks));
  });

  app.post('/sdapi/v1/img2img', () => {
    throw failure(400, 'unsupported_operation', 'Pictures can not be edited here: use /sdapi/v1/txt2img.');
  });

  /** The one that is named, else that which was chosen, as long as it is there, else the best pack. */
  async function modelFor(context: Context<Variables>, named: string | undefined): Promise<DrawingModel> {
    if (named) return findModel(companion, named);
    const id = chosen.get(ownerOf(context));
    return findModel(companion, id).catch(() => findModel(companion, undefined));
  }
}
