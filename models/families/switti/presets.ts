/** There is one way of drawing: nobody has distilled a student, so that every picture takes a pass for each scale. */
import type { Presets } from '../../request/presets.js';

export const presets: Presets = { standard: { kind: 'teacher', draw: 'sample' } };
