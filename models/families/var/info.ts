/** VAR's part of reading packs and making requests. */
import type { FamilyInfo } from '../family.js';
import { findFaults, KIND, listFiles, modelOf, VarPart } from './part.js';
import { presetsOf } from './presets.js';

export const varInfo: FamilyInfo = {
  kind: KIND,
  part: VarPart,
  files: listFiles,
  faults: findFaults,
  presets: (pack) => presetsOf(modelOf(pack)),
  // Its tokenizer reads a picture scale by scale, and none of its packs carries one.
  canEdit: () => false,
};
