/** The model families, as values: hosts hand one list or the other in, and nothing else names a family. */
import type { Family, FamilyInfo } from './family.js';
import { llamagen } from './llamagen/family.js';
import { llamagenInfo } from './llamagen/info.js';
import { switti } from './switti/family.js';
import { swittiInfo } from './switti/info.js';
import { nextScale } from './var/family.js';
import { varInfo } from './var/info.js';

/** For hosts that draw. */
export const FAMILIES: readonly Family[] = [llamagen, nextScale, switti];

/** For hosts that only read packs and make requests: bundles of these hold no networks. */
export const FAMILY_INFOS: readonly FamilyInfo[] = [llamagenInfo, varInfo, swittiInfo];
