/** Every word of the panel, ready for translation. Sentences say what happened, what it means, and what can be done. */
import type { ErrorCode, Phase, Schedule, WarningCode } from '../../models/protocol.js';
import type { Hindrance, Refusal } from '../../plugin/messages.js';
import type { Absence, EngineId, Quality } from '../engines/offer.js';

const plural = (count: number, one: string, many: string) => (count === 1 ? one : many);

/** Characters of a prompt within a sentence. */
const QUOTED = 60;
const shorten = (prompt: string) =>
  prompt.length > QUOTED
    ? `${Array.from(prompt)
        .slice(0, QUOTED - 2)
        .join('')}…`
    : prompt;

export const TEXT = {
  promptLabel: 'What to draw',
  promptFor: (target: string) => `Describe a picture for “${target}”…`,
  promptForMany: (count: number) => `Describe pictures for ${count} layers…`,
  promptForNone: 'Describe a picture…',
  promptClass: 'Type what to draw, such as “red fox”…',
  generate: 'Generate',
  stop: 'Stop',
  enter: '↵',
  escape: 'esc',
  tooLong: (limit: number) =>
    `That is more than ${limit.toLocaleString('en')} characters; only the beginning was taken.`,
  model: 'Model',
  noModel: 'No model',
  target: 'Where pictures go',
  newFrame: 'New frame',
  fillSelection: (name: string) => `Fill ${name}`,
  fillMany: (count: number) => `Fill ${count} layers`,
  besideSelection: 'New frames in free space',
  manyLayers: (count: number) => `${count} layers`,
  straight: 'Place as soon as drawn',
  count: 'Number of pictures',
  pictures: (count: number) => `${count} ${plural(count, 'picture', 'pictures')}`,
  quality: 'Quality',
  qualities: {
    draft: { name: 'Draft', hint: 'Quickest, and rough' },
    standard: { name: 'Standard', hint: 'A good picture in good time' },
    fine: { name: 'Fine', hint: 'Slower, and the cleanest' },
  } satisfies Record<Quality, { name: string; hint: string }>,
  /** How much work it is. */
  work(schedule: Schedule): string {
    switch (schedule.kind) {
      case 'student': {
        const { steps, refinements = 0 } = schedule;
        const first = `${steps} ${plural(steps, 'step', 'steps')}`;
        return refinements > 0 ? `${first}, looked over up to ${refinements} times` : first;
      }
      case 'mixed':
        return `2 steps, with ${schedule.resampled} details drawn by the teacher`;
      case 'teacher':
        return 'One detail after the other, by the teacher';
      default:
        return schedule satisfies never;
    }
  },
  qualityMissing: 'The chosen model can’t do this',
  seed: 'Seed',
  seedLock: 'Keep this seed',
  seedUnlock: 'Use a new seed each time',
  seedNew: 'New seed',
  try: 'Try',
  matches: (count: number) => (count === 1 ? 'It knows' : `It knows ${count} of these`),
  noMatches: (words: string) => `It knows nothing called “${words}”. Try a simpler word.`,
  privacy: 'Pictures are made on this computer. Nothing leaves it.',
  results: 'Pictures',
  picture: (index: number, prompt: string) => `Picture ${index}: ${prompt}`,
  draft: 'Draft',
  live: 'Live draft',
  waiting: (index: number) => `Picture ${index} is not drawn yet`,
  placeIn: (target: string) => `Place in ${target}`,
  placeNew: 'Place on canvas',
  placeEach: 'Place one in each',
  placeAll: (count: number) => `Place in all ${count} layers`,
  placeAllHint: 'The same picture in each',
  placeRest: 'Place all on the canvas',
  placeRestHint: (count: number) => `${count} pictures, beside each other`,
  vary: 'Vary',
  varyHint: 'Same words, new seeds',
  likeThis: 'Reword',
  likeThisHint: 'Same composition, new words',
  favourite: 'Favourite',
  unfavourite: 'No longer a favourite',
  more: 'More',
  copyPrompt: 'Copy prompt',
  copied: 'Prompt copied',
  copyFailed: 'This window may not copy. Select the words and press Ctrl+C.',
  save: 'Save as PNG…',
  vectors: {
    place: 'Place as vectors',
    save: 'Save as SVG…',
    tracing: 'Tracing…',
    measured: (percent: number, points: number) =>
      `${percent}% · ${points.toLocaleString('en')} ${plural(points, 'point', 'points')}`,
    tooLittle: (percent: number) => `Too much detail: only ${percent}% would be kept`,
    tooMany: (points: number) => `Too much detail: ${points.toLocaleString('en')} points`,
    failed: 'This picture could not be traced',
  },
  remove: 'Delete',
  drawAgain: 'Draw again',
  placed: (names: readonly string[]) =>
    names.length === 1 ? `Placed in ${names[0]}` : `Placed in ${names.length} layers`,
  took: (time: string) => time,
  progress: 'Drawing',
  phases: {
    load: 'Loading the model',
    text: 'Reading the words',
    step: 'Drawing',
    draft: 'Developing the draft',
    decode: 'Developing',
  } satisfies Record<Phase, string>,
  step: (phase: string, picture: number, total: number) =>
    total === 1 ? phase : `${phase}, picture ${picture} of ${total}`,
  left: (time: string) => `${time} left`,
  measuring: 'measuring…',
  stopping: 'Stopping…',
  seconds(milliseconds: number): string {
    if (milliseconds < 995) return `${Math.max(0.01, milliseconds / 1000).toFixed(milliseconds < 95 ? 2 : 1)} s`;
    if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
    if (milliseconds < 59_500) return `${Math.round(milliseconds / 1000)} s`;
    return `${Math.floor(Math.round(milliseconds / 1000) / 60)} min ${Math.round(milliseconds / 1000) % 60} s`;
  },
  announceDone: (count: number) => `${count} ${plural(count, 'picture is', 'pictures are')} ready.`,
  announceStart: (count: number) => `Drawing ${count} ${plural(count, 'picture', 'pictures')}.`,
  engines: {
    title: 'Where pictures are made',
    names: { companion: 'Companion', page: 'Browser GPU', panel: 'This panel' } satisfies Record<EngineId, string>,
    /** As they stand within a sentence. */
    within: { companion: 'the companion', page: 'the browser', panel: 'this panel' } satisfies Record<EngineId, string>,
    about: {
      companion: 'A program of ours on this computer. The quickest, with every model.',
      page: 'The graphics card, through the browser. Downloads the model once.',
      panel: 'Works everywhere, with one small model. The slowest.',
    } satisfies Record<EngineId, string>,
    choose: 'Use',
    chosen: 'In use',
    fastest: 'The quickest of them draws. A small trial, after your first pictures, tells which it is.',
    insisted: 'Your own choice draws.',
    useFastest: 'Use the quickest',
    look: 'Connect',
    lookAgain: 'Try again',
    looking: 'Looking…',
    ready: 'ready',
    unasked: 'not connected',
    absent: 'not found',
    unexpected: 'not ready',
    unpaired: 'found',
    announce: (name: string, standing: string, sentence: string) => `${name}: ${standing}. ${sentence}`.trim(),
    pair: 'Pair',
    codeLabel: 'Code from the companion’s window',
    codeHint: 'Type the code that its window shows.',
    perPicture: (time: string) => `${time} a picture`,
    /** What computes there, by the names of ONNX Runtime's providers. */
    devices: {
      cuda: 'NVIDIA GPU',
      tensorrt: 'NVIDIA GPU',
      dml: 'GPU',
      directml: 'GPU',
      coreml: 'Apple GPU',
      webgpu: 'GPU',
      cpu: 'Processor',
    },
    notConnected: 'The companion is not connected.',
    silent: 'The companion does not answer. Is it running?',
    answered: (status: number) => `The companion refused, with the number ${status}.`,
    pageSilent: 'The browser’s part did not answer.',
    endedEarly: 'It stopped without saying why.',
    absences: {
      stopped: 'It does not answer. Start it with “npm start”, then try again.',
      permission:
        'The browser does not let this window reach programs on this computer. Allow “local network access” for figma.com, then try again.',
      stoppedOrPermission:
        'It does not answer. Either it is not running: start it with “npm start”. Or this window may not reach it: allow “local network access” for figma.com.',
      offline: 'This computer is offline and the model was not downloaded before.',
      unsupported: 'Figma’s window does not offer what this needs.',
      'wrong-code': 'That is not the code. Look again at the companion’s window.',
      'too-many-codes': 'Too many wrong codes. Wait a minute; the companion shows a new one.',
      damaged: 'Its model is damaged and must be fetched again.',
      unexpected:
        'It answered, but not in time or not as expected. Try again; if that does not help, restart it with “npm start”, and update it and this plugin.',
    } satisfies Record<Absence | 'stoppedOrPermission', string>,
    /** What is otherwise for those that are no program of their own. */
    absencesHere: {
      companion: {},
      page: {
        stopped: 'It stopped answering. Try again.',
        unsupported: 'Figma’s window offers no WebGPU here.',
        unexpected:
          'It did not answer as expected. Try again; if that does not help, close this panel and open it anew.',
      },
      panel: {
        stopped: 'It could not go on. Try again; if that does not help, close this panel and open it anew.',
        unsupported:
          'This window lacks what drawing needs, such as WebAssembly or workers. Update Figma or the browser, or connect the companion.',
        unexpected:
          'It did not start as expected. Try again; if that does not help, close this panel and open it anew.',
      },
    } satisfies Record<EngineId, { readonly [why in Absence]?: string }>,
  },
  foot: {
    none: 'Choose where pictures are made',
    looking: 'Looking for an engine…',
    lost: {
      companion: 'companion is gone',
      page: 'browser GPU is gone',
      panel: 'the panel itself is out',
    } satisfies Record<EngineId, string>,
    asksForCode: 'companion asks for its code',
    later: (name: string) => `${name} · connects when you generate`,
    working: (name: string, device: string, speed: string | null) =>
      [name, device, speed].filter((part) => part).join(' · '),
    history: 'History',
    settings: 'Settings',
  },
  unreadable: {
    newer: 'Made by a newer Twostep',
    newerDetail: 'This version can’t read how the picture was made. Update Twostep to use it; it stays as it is.',
    damaged: 'How this picture was made can’t be read',
    damagedDetail: 'Its request is damaged, so it can’t be made again. The picture stays as it is.',
  },
  history: {
    title: 'History',
    tabs: { all: 'All', file: 'This file', kept: 'Companion', favourites: 'Favourites' },
    search: 'Search prompts',
    empty: {
      all: 'Pictures that you make will be kept here.',
      file: 'Nothing was made for this file yet.',
      kept: 'The companion keeps what it draws for a day. There is nothing yet.',
      favourites: 'Pictures with a heart will be here.',
    },
    nothing: 'No prompt has these words.',
    reading: 'Asking the companion…',
    unreachable: 'The companion does not answer, so what it keeps can’t be shown.',
    today: 'Today',
    yesterday: 'Yesterday',
    count: (count: number) => `${count} ${plural(count, 'picture', 'pictures')}`,
    full: 'Figma’s storage is full: the oldest pictures leave the history. Favourites stay.',
  },
  settings: {
    title: 'Settings',
    asYouType: 'Draw as I type',
    asYouTypeHint: 'A rough draft follows the words. The noise stays, so the composition stays.',
    straight: 'Place as soon as drawn',
    straightHint: 'Pictures go to the canvas at once instead of waiting here.',
    forget: 'Delete history',
    forgetSure: 'Really delete it all',
    about: 'Twostep draws on this computer. No account, no credits, no telemetry.',
  },
  resize: 'Resize with the pointer or the arrow keys',
  close: 'Close',
  dismiss: 'Dismiss',
  errors: {
    'invalid-request': 'This can’t be drawn as asked',
    'empty-prompt': 'Say what to draw first',
    'unknown-class': 'This model doesn’t know that word',
    'unsupported-schedule': 'This model can’t do that quality',
    'unsupported-size': 'This model can’t draw that shape',
    'unknown-pack': 'That model is not here',
    'damaged-pack': 'The model is damaged',
    cancelled: 'Stopped',
    'engine-unavailable': 'The engine stopped answering',
    'engine-failed': 'Drawing failed',
    'out-of-memory': 'There is not enough memory',
    fault: 'Something went wrong in this panel',
  } satisfies Record<ErrorCode | 'fault', string>,
  tryAgain: 'Try again',
  emptyPromptDetail: 'A few words are enough, such as one of the ideas below.',
  noEngineDetail: 'No engine is ready. Choose where pictures are made.',
  /** A picture is to be drawn as it was before, with a model that no engine has which is ready. */
  modelMissing: (model: string) =>
    `It is to be drawn with “${model}”, and no engine that is ready has that. Start and connect the companion, then try again; or choose another model and generate anew.`,
  fellOver: (from: string) => `${from} stopped answering`,
  fellOverDetail: (left: number, to: string) =>
    `${left === 1 ? 'The last picture continues' : `${left} pictures continue`} in ${to} with the same seeds, so nothing is lost.`,
  kept: (count: number) =>
    count === 0 ? '' : `${plural(count, 'The picture', `The ${count} pictures`)} that were done stay.`,
  fault: (message: string) => `${message}. Finished pictures are kept.`,
  interrupted: 'The panel was closed while drawing',
  interruptedDetail: (prompt: string) =>
    `“${shorten(prompt)}” can be drawn again: the same seeds give the same pictures.`,
  warnings: {
    'prompt-cut': 'Only the beginning was read',
    'unknown-words': 'Some words mean nothing to this model',
    'class-guessed': 'Understood as',
    'sampling-ignored': 'A setting has no effect here',
  } satisfies Record<WarningCode, string>,
  hindrances: {
    locked: (name: string) => `“${name}” is locked, so the picture stands beside it.`,
    text: (name: string) => `“${name}” is text and stays as it is. The picture stands beside it.`,
    group: (name: string) => `“${name}” is a group, which has no fill. The picture stands beside it.`,
    'no-fill': (name: string) => `“${name}” can’t hold a picture, so it stands beside it.`,
    'no-layers': (name: string) => `“${name}” can’t hold layers, so they stand beside it.`,
    deleted: () => 'The layer was deleted meanwhile. The picture got a frame of its own.',
  } satisfies Record<Hindrance, (name: string) => string>,
  hindered: 'Placed beside',
  refused: 'The picture could not be placed',
  refusals: {
    'read-only': 'This file can only be viewed. Save the picture, or drag it into a file of yours.',
    'not-a-picture': 'Figma does not take these bytes as a picture. Draw it again.',
    'too-large': 'Figma takes pictures of at most 4096 pixels a side.',
    'request-too-long': 'The prompt is too long to be kept on a layer.',
    'storage-full': 'Figma’s storage for plugins is full.',
    'not-vectors': 'Figma could not read these layers. Save the picture as SVG and insert it by hand.',
    unsupported: 'This editor does not allow it here. Save the picture and insert it by hand.',
  } satisfies Record<Refusal, string>,
} as const;
