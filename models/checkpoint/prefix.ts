/** Checkpoints of wrapped models: DistributedDataParallel, torch.compile and Lightning put a name of their own before every tensor's. */
import type { Checkpoint, Tensor } from './tensor.js';

/**
 * The checkpoint without the prefix that all of its names share and that stands before `anchor`, whatever it is ("module.", "_orig_mod.",
 * "model._orig_mod.", ...); as it is where there is none. A network's own names may all begin alike as well ("encoder."), so only a name
 * that the network is known by tells what is too much.
 *
 * @param anchors names of which the network always has one
 */
export function withoutPrefix(checkpoint: Checkpoint, anchors: readonly string[]): Checkpoint {
  const { tensors, file, close } = checkpoint;
  if (anchors.some((anchor) => tensors.has(anchor))) return checkpoint;
  const names = [...tensors.keys()];
  for (const anchor of anchors) {
    const found = names.find((name) => name.endsWith(`.${anchor}`));
    const prefix = found?.slice(0, -anchor.length);
    if (prefix === undefined || !names.every((name) => name.startsWith(prefix))) continue;
    return { file, tensors: renamed(tensors, prefix), close };
  }
  return checkpoint;
}

/** Asks the table behind it, which knows why a tensor can't be read. */
function renamed(tensors: ReadonlyMap<string, Tensor>, prefix: string): ReadonlyMap<string, Tensor> {
  const shorter = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) shorter.set(name.slice(prefix.length), tensor);
  return Object.assign(shorter, {
    get: (name: string) => tensors.get(prefix + name),
    has: (name: string) => tensors.has(prefix + name),
  });
}
