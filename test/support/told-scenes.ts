import type { Scene } from '../../models/run/scene/scene.js';

/** Scenes of which the trainer wrote layout maps and drew pictures (models/train/tests/make_layout_reference.py). */
export const TOLD: readonly Scene[] = [
  {
    things: [{ token: 'kfox', colour: null, side: 2, left: 1, top: 0 }],
    ground: 'plain',
    colours: ['mint'],
    direction: null,
    light: null,
    variant: null,
  },
  {
    things: [
      { token: 'kcircle', colour: 'red', side: 4, left: 0, top: 0 },
      { token: 'kheart', colour: 'light blue', side: 2, left: 1, top: 1 },
    ],
    ground: 'stripes',
    colours: ['red', 'mint'],
    direction: 'horizontal',
    light: null,
    variant: 2,
  },
  {
    things: [{ token: 'kowl', colour: null, side: 3, left: 2, top: 2 }],
    ground: 'hills',
    colours: [],
    direction: null,
    light: 'night',
    variant: 5,
  },
];
