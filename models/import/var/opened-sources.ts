/** VAR's files, checked before anything is written. */
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { inferVar, type VarConfig } from '../../nets/var/config.js';
import { readVae, type Vae } from '../../nets/var/vae.js';
import { giveFiles, requireSizes, VQ_ANCHORS, wrongFile } from '../given-files.js';
import { labelsOf } from '../labels.js';
import { ImportError, type Role, type VarRecipe } from '../recipe.js';

/** The checkpoints of an import of VAR, found to be what they were given as. */
export type VarSources = {
  readonly recipe: VarRecipe;
  readonly vae: Vae;
  readonly student: { readonly checkpoint: Checkpoint; readonly config: VarConfig } | undefined;
  readonly teacher: { readonly checkpoint: Checkpoint; readonly config: VarConfig } | undefined;
  /** Names of the classes. */
  readonly labels: ReturnType<typeof labelsOf>;
  close(): Promise<void>;
};

/** Names by which the transformer is known, whatever stands before all of its names. */
const TRANSFORMER = ['blocks.0.attn.mat_qkv.weight'];

/** @throws ImportError, CheckpointError, NetworkError: what does not fit, said before anything is written */
export async function openSources(
  recipe: VarRecipe,
  files: Readonly<Partial<Record<Role, string>>>,
): Promise<VarSources> {
  const { open, close } = giveFiles(files);
  try {
    const checkpoint = await open('vq', VQ_ANCHORS);
    if (!checkpoint) throw new ImportError(`Recipe ${recipe.name} needs --vq ${recipe.files.vq ?? 'FILE'}.`);
    const vae = readVae(checkpoint, { groups: recipe.groups });
    const transformer = async (role: 'student' | 'teacher') => {
      // The published students are moving averages (`trainer.ema_parameters`); what was averaged lies beside them.
      const own = await open(role, TRANSFORMER, role === 'student' ? 'ema' : 'model');
      return own && { checkpoint: own, config: checkSizes(recipe, role, own, vae) };
    };
    const student = await transformer('student');
    const teacher = await transformer('teacher');
    const either = student ?? teacher;
    if (!either) throw new ImportError('A pack needs --student, --teacher or both.');
    if (student && teacher && student.config.classes !== teacher.config.classes)
      throw new ImportError(
        `The student knows ${student.config.classes} classes and the teacher ${teacher.config.classes}; they do not belong together.`,
      );
    return { recipe, vae, student, teacher, labels: labelsOf(recipe, either.config.classes), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function checkSizes(recipe: VarRecipe, role: 'student' | 'teacher', checkpoint: Checkpoint, vae: Vae): VarConfig {
  const config = inferVar(checkpoint, recipe);
  // Both have the same names but for a few, so that the one in the other's place is told first.
  const isStudent = checkpoint.tensors.has('n_d_embed.weight');
  if (isStudent !== (role === 'student'))
    throw wrongFile(recipe, role, checkpoint, isStudent ? 'it is a student' : 'it is a teacher');
  requireSizes(recipe, role, checkpoint, { ...config, tokenizer: vae.config.codes });
  if (config.channels !== vae.config.channels)
    throw new ImportError(
      `The ${role} reads codes of ${config.channels} channels and the VQ tokenizer has ${vae.config.channels}; they do not belong together.`,
    );
  return config;
}
