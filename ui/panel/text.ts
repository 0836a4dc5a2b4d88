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
  promptLabel: 'What to generate',
  words: {
    unknown: (word: string) => `“${word}” isn’t known. Nearest:`,
    nothingNear: (word: string) => `“${word}” isn’t known to this model.`,
    mended: (word: string) => `“${word}” is read as:`,
    replace: (word: string, name: string) => `Replace “${word}” with “${name}”`,
  },
  generateAnyway: 'Generate anyway',
  promptFor: (target: string) => `Describe an image for “${target}”…`,
  promptForMany: (count: number) => `Describe images for ${count} layers…`,
  promptForNone: 'Describe an image…',
  promptClass: 'Name one thing, such as “red fox”…',
  generate: 'Generate',
  stop: 'Stop',
  enter: '↵',
  escape: 'esc',
  space: 'Space',
  deleteKey: 'Del',
  tooLong: (limit: number) => `Prompts end at ${limit.toLocaleString('en')} characters. The rest was left out.`,
  options: 'Quality and seed',
  model: 'Model',
  noModel: 'No model',
  target: 'Where images go',
  newFrame: 'New frame',
  fillSelection: (name: string) => `Fill ${name}`,
  fillMany: (count: number) => `Fill ${count} layers`,
  besideSelection: 'New frames in free space',
  manyLayers: (count: number) => `${count} layers`,
  straight: 'Place images as they finish',
  count: 'Number of images',
  pictures: (count: number) => `${count} ${plural(count, 'image', 'images')}`,
  quality: 'Quality',
  qualities: {
    draft: { name: 'Draft', hint: 'Fastest, with rough shapes' },
    standard: { name: 'Standard', hint: 'Balanced' },
    fine: { name: 'Fine', hint: 'Slowest, with the cleanest shapes' },
  } satisfies Record<Quality, { name: string; hint: string }>,
  /** How much work it is. */
  work(schedule: Schedule): string {
    switch (schedule.kind) {
      case 'student': {
        const { steps, refinements = 0 } = schedule;
        const first = `${steps} ${plural(steps, 'step', 'steps')}`;
        return refinements > 0
          ? `${first}, up to ${refinements} refinement ${plural(refinements, 'pass', 'passes')}`
          : first;
      }
      case 'mixed':
        return `2 steps, ${schedule.resampled} codes resampled by the teacher`;
      case 'teacher':
        return 'The teacher alone, one code at a time';
      default:
        return schedule satisfies never;
    }
  },
  qualityMissing: 'This model has no such quality',
  seed: 'Seed',
  seedLock: 'Keep this seed',
  seedUnlock: 'Use a new seed each time',
  seedNew: 'New seed',
  try: 'Try',
  matches: (count: number) => `${count} ${plural(count, 'match', 'matches')}`,
  noMatches: (words: string) => `This model knows nothing called “${words}”. Try a simpler word.`,
  privacy: 'Images are generated on this computer. Nothing leaves it.',
  results: 'Images',
  earlier: 'Earlier',
  clearEarlier: 'Clear',
  cleared: (count: number) => `${count} ${plural(count, 'image', 'images')} cleared from this list`,
  clearedDetail: 'They are still in the history.',
  undo: 'Undo',
  seedOf: (seed: number) => `Seed ${seed}`,
  seedsOf: (first: number, last: number) => `Seeds ${first}–${last}`,
  preview: {
    open: 'Large preview',
    close: 'Close preview',
    next: 'Next image',
    previous: 'Previous image',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    fit: 'Fit to window',
    zoomed: (percent: number) => `${percent}%`,
  },
  picture: (index: number, prompt: string) => `Image ${index}: ${prompt}`,
  draft: 'Draft',
  live: 'Live draft',
  waiting: (index: number) => `Image ${index} is not generated yet`,
  placeIn: (target: string) => `Place in ${target}`,
  placeNew: 'Place on canvas',
  placeShort: 'Place',
  placeEach: 'Place one in each layer',
  placeAll: (count: number) => `Place in all ${count}`,
  placeAllHint: (count: number) => `The selected image in each of the ${count} layers`,
  placeRest: (count: number) => `Place all ${count}`,
  placeRestHint: (count: number) => `${count} images side by side on the canvas`,
  vary: 'Vary',
  varyHint: 'Same prompt, new seeds',
  likeThis: 'Reword',
  likeThisHint: 'Same seed, new prompt',
  favourite: 'Favourite',
  unfavourite: 'Remove from favourites',
  more: 'More',
  copyPrompt: 'Copy prompt',
  copied: 'Prompt copied',
  copyFailed: 'Copying is not allowed here. Select the prompt and press Ctrl+C.',
  save: 'Save as PNG…',
  vectors: {
    place: 'Place as vectors',
    short: 'Vectors',
    hint: 'editable layers with outlines',
    unsuited: 'Not placed as vectors',
    save: 'Save as SVG…',
    tracing: 'Tracing…',
    measured: (percent: number, points: number) =>
      `${percent}% · ${points.toLocaleString('en')} ${plural(points, 'point', 'points')}`,
    tooLittle: (percent: number) => `Too much detail: vectors would keep only ${percent}%`,
    missing: (lost: number, regions: number) => `${lost} of ${regions} parts would be lost`,
    tooMany: (points: number) => `Too much detail: vectors would need ${points.toLocaleString('en')} points`,
    failed: 'This image could not be traced',
  },
  background: { remove: 'Remove background', keep: 'Restore background' },
  remove: 'Delete',
  removed: 'Image deleted',
  drawAgain: 'Generate again',
  placed: (names: readonly string[]) =>
    names.length === 1 ? `Placed in ${names[0]}` : `Placed in ${names.length} layers`,
  took: (time: string) => time,
  progress: 'Generating',
  phases: {
    load: 'Loading the model',
    text: 'Reading the prompt',
    step: 'Generating',
    draft: 'Decoding the draft',
    decode: 'Decoding',
  } satisfies Record<Phase, string>,
  step: (phase: string, picture: number, total: number) =>
    total === 1 ? phase : `${phase}, image ${picture} of ${total}`,
  left: (time: string) => `${time} left`,
  measuring: 'measuring…',
  stopping: 'Stopping…',
  seconds(milliseconds: number): string {
    if (milliseconds < 995) return `${Math.max(0.01, milliseconds / 1000).toFixed(milliseconds < 95 ? 2 : 1)} s`;
    if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
    if (milliseconds < 59_500) return `${Math.round(milliseconds / 1000)} s`;
    return `${Math.floor(Math.round(milliseconds / 1000) / 60)} min ${Math.round(milliseconds / 1000) % 60} s`;
  },
  announceDone: (count: number) => `${count} ${plural(count, 'image is', 'images are')} ready.`,
  announceStart: (count: number) => `Generating ${count} ${plural(count, 'image', 'images')}.`,
  engines: {
    title: 'Engines',
    names: { companion: 'Companion', page: 'Browser', panel: 'This panel' } satisfies Record<EngineId, string>,
    /** As they stand within a sentence. */
    within: { companion: 'the companion', page: 'the browser', panel: 'this panel' } satisfies Record<EngineId, string>,
    about: {
      companion: 'A small app on your computer. Fastest, runs every model.',
      page: 'Your GPU, through the browser. Downloads the model once.',
      panel: 'Built in. Works everywhere, with one small model.',
    } satisfies Record<EngineId, string>,
    /** The browser's engine where it found no GPU. */
    pageOnProcessor: 'No GPU was found here, so it runs on the processor, as this panel does.',
    others: 'Without the companion',
    choose: 'Use',
    chosen: 'In use',
    fastest: 'The fastest engine is used. A short test after your first images finds it.',
    insisted: 'The engine you chose is used.',
    useFastest: 'Use the fastest',
    look: 'Connect',
    lookAgain: 'Try again',
    looking: 'Looking…',
    ready: 'ready',
    unasked: 'not connected',
    absent: 'not found',
    unexpected: 'not ready',
    unpaired: 'needs its code',
    announce: (name: string, standing: string, sentence: string) => `${name}: ${standing}. ${sentence}`.trim(),
    pair: 'Pair',
    codeLabel: 'Code from the companion’s window',
    codeHint: 'Type the code shown in its window.',
    perPicture: (time: string) => `${time} an image`,
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
    answered: (status: number) => `The companion refused with status ${status}.`,
    pageSilent: 'The engine page did not answer.',
    endedEarly: 'It stopped without a reason.',
    absences: {
      stopped: 'No answer. Start it with “npm start”, then try again.',
      permission:
        'The browser blocks this window from reaching apps on this computer. Allow “local network access” for figma.com, then try again.',
      stoppedOrPermission:
        'No answer. If it is not running, start it with “npm start”. If it is running, allow “local network access” for figma.com.',
      offline: 'This computer is offline and the model is not downloaded yet.',
      unsupported: 'Figma’s window lacks what this needs.',
      'wrong-code': 'Wrong code. Check the companion’s window and type it again.',
      'too-many-codes': 'Too many wrong codes. Wait a minute, then use the new code in the companion’s window.',
      damaged: 'Its model is damaged and has to be downloaded again.',
      unexpected:
        'It answered too late or not as expected. Try again. If that does not help, restart it with “npm start”, and update it and this plugin.',
    } satisfies Record<Absence | 'stoppedOrPermission', string>,
    /** What is otherwise for those that are no program of their own. */
    absencesHere: {
      companion: {},
      page: {
        stopped: 'It stopped answering. Try again.',
        unsupported: 'Figma’s window offers no WebGPU here.',
        unexpected: 'It did not answer as expected. Try again. If that does not help, close and reopen this panel.',
      },
      panel: {
        stopped: 'It could not go on. Try again. If that does not help, close and reopen this panel.',
        unsupported: 'This window lacks WebAssembly or workers. Update Figma or the browser, or connect the companion.',
        unexpected: 'It did not start as expected. Try again. If that does not help, close and reopen this panel.',
      },
    } satisfies Record<EngineId, { readonly [why in Absence]?: string }>,
  },
  foot: {
    none: 'Choose an engine',
    looking: 'Looking for an engine…',
    lost: {
      companion: 'companion disconnected',
      page: 'browser engine stopped',
      panel: 'this panel’s engine stopped',
    } satisfies Record<EngineId, string>,
    asksForCode: 'companion needs its code',
    later: (name: string) => `${name} · connects when you generate`,
    working: (device: string, speed: string | null) => [device, speed].filter((part) => part).join(' · '),
    history: 'History',
    settings: 'Settings',
  },
  unreadable: {
    newer: 'Made by a newer Twostep',
    newerDetail: 'Update Twostep to generate this image again. It stays as it is.',
    damaged: 'The prompt of this image can’t be read',
    damagedDetail: 'What is stored on it is damaged, so it can’t be generated again. The image stays as it is.',
  },
  history: {
    title: 'History',
    tabs: { all: 'All', file: 'This file', kept: 'Companion', favourites: 'Favourites' },
    search: 'Search prompts',
    empty: {
      all: 'The images you generate are kept here.',
      file: 'No images for this file yet.',
      kept: 'The companion keeps its images for a day. There are none yet.',
      favourites: 'Images with a heart are kept here.',
    },
    nothing: 'No prompt contains these words.',
    reading: 'Asking the companion…',
    unreachable: 'The companion does not answer, so its images can’t be shown.',
    today: 'Today',
    yesterday: 'Yesterday',
    count: (count: number) => `${count} ${plural(count, 'image', 'images')}`,
    full: 'Figma’s storage is full, so the oldest images were removed. Favourites are kept.',
  },
  settings: {
    title: 'Settings',
    asYouType: 'Generate as I type',
    asYouTypeHint: 'A rough draft follows the prompt. The seed stays the same, and so does the composition.',
    straight: 'Place images as they finish',
    transparent: 'Transparent background',
    transparentHint: 'An even background is removed. Images without one keep theirs.',
    straightHint: 'Images go to the canvas at once instead of waiting here.',
    forget: 'Delete history',
    forgetSure: 'Delete all of it',
    about: 'Twostep runs on this computer. No account, no credits, no telemetry.',
  },
  resize: 'Resize with the pointer or the arrow keys',
  close: 'Close',
  dismiss: 'Dismiss',
  errors: {
    'invalid-request': 'This can’t be generated as asked',
    'empty-prompt': 'Describe an image first',
    'unknown-class': 'This model doesn’t know that word',
    'unknown-words': 'This model doesn’t know these words',
    'unsupported-schedule': 'This model has no such quality',
    'unsupported-size': 'This model can’t generate that shape',
    'unknown-pack': 'That model is missing',
    'damaged-pack': 'The model is damaged',
    cancelled: 'Stopped',
    'engine-unavailable': 'The engine stopped answering',
    'engine-failed': 'Generating failed',
    'out-of-memory': 'There is not enough memory',
    fault: 'Something went wrong in this panel',
  } satisfies Record<ErrorCode | 'fault', string>,
  tryAgain: 'Try again',
  /** A button on a layer was pressed that can't be followed. */
  notRecalled: 'There is nothing to repeat',
  notRecalledDetail: {
    nothing: 'No layer is selected. Select one layer with an image from Twostep.',
    several: 'Several layers are selected. Select one of them.',
    foreign: (name: string) => `“${name}” carries no prompt. Only images placed by Twostep do.`,
  },
  emptyPromptDetail: 'A few words are enough. Try one of the ideas below.',
  noEngineDetail: 'No engine is ready. Connect one below, and your prompt is generated at once.',
  /** An image is to be generated as before, and no engine that is ready has its model. */
  modelMissing: (model: string) =>
    `This needs the model “${model}”, and no engine that is ready has it. Connect the companion, or choose another model and generate again.`,
  fellOver: (from: string) => `${from} stopped answering`,
  fellOverDetail: (left: number, to: string) =>
    `${left === 1 ? 'The last image continues' : `${left} images continue`} in ${to} with the same seeds. Nothing is lost.`,
  kept: (count: number) =>
    count === 0 ? '' : `${plural(count, 'The finished image is', `The ${count} finished images are`)} kept.`,
  fault: (message: string) => `${message}. Finished images are kept.`,
  interrupted: 'The panel was closed while generating',
  interruptedDetail: (prompt: string) =>
    `“${shorten(prompt)}” can be generated again. The same seeds give the same images.`,
  warnings: {
    'prompt-cut': 'The prompt was cut',
    understood: 'Understood',
    'unknown-words': 'This model doesn’t know some words',
    'few-answers': 'Some images look alike',
    'class-guessed': 'Understood as',
    'sampling-ignored': 'A setting has no effect here',
    'stays-opaque': 'Background kept',
  } satisfies Record<WarningCode, string>,
  hindrances: {
    locked: (name: string) => `“${name}” is locked, so the image was placed beside it.`,
    text: (name: string) => `“${name}” is text, so the image was placed beside it.`,
    group: (name: string) => `“${name}” is a group, which has no fill. The image was placed beside it.`,
    'no-fill': (name: string) => `“${name}” can’t hold an image, so it was placed beside it.`,
    'no-layers': (name: string) => `“${name}” can’t hold layers, so they were placed beside it.`,
    deleted: () => 'The layer was deleted meanwhile, so the image got a frame of its own.',
  } satisfies Record<Hindrance, (name: string) => string>,
  hindered: 'Placed beside',
  refused: 'The image could not be placed',
  refusals: {
    'read-only': 'You can only view this file. Save the image, or place it in a file of your own.',
    'not-a-picture': 'Figma could not read this image. Generate it again.',
    'too-large': 'Figma takes images of at most 4096 pixels a side.',
    'request-too-long': 'The prompt is too long to be stored on a layer.',
    'storage-full': 'Figma’s storage for plugins is full.',
    'not-vectors': 'Figma could not read these vectors. Save them as SVG and insert the file by hand.',
    unsupported: 'This editor does not allow it here. Save the image and insert it by hand.',
  } satisfies Record<Refusal, string>,
} as const;
