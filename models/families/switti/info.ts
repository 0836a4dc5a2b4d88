/** Switti's part of reading packs and making requests. */
import type { FamilyInfo } from '../family.js';
import { findFaults, KIND, listFiles, SwittiPart } from './part.js';
import { presets } from './presets.js';

export const swittiInfo: FamilyInfo = {
  kind: KIND,
  part: SwittiPart,
  files: listFiles,
  faults: findFaults,
  presets: () => presets,
  // Mixtures of codes have no code to begin with, and no pack carries an encoder.
  canEdit: () => false,
};
