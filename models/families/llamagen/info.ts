/** LlamaGen's part of reading packs and making requests. */
import type { FamilyInfo } from '../family.js';
import { canEdit, findFaults, KIND, LlamaGenPart, listFiles, modelOf } from './part.js';
import { presetsOf } from './presets.js';

export const llamagenInfo: FamilyInfo = {
  kind: KIND,
  part: LlamaGenPart,
  files: listFiles,
  faults: findFaults,
  presets: (pack) => presetsOf(modelOf(pack)),
  canEdit: (pack) => canEdit(modelOf(pack)),
};
