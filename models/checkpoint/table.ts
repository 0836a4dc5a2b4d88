/** The tensors of a checkpoint by name, and the names whose values can't be read, each with the reason. */
import type { CheckpointError } from './error.js';
import type { Tensor } from './tensor.js';

/** Names whose values can't be read. The error is made when somebody asks, so that its stack says who did. */
export type Unreadable = Map<string, () => CheckpointError>;

/**
 * A map that lists what can be read. Asking for a name whose value can't be read throws its reason, so that nobody who wants it takes it
 * for missing, and nobody who does not is bothered.
 */
export class TensorTable extends Map<string, Tensor> {
  readonly unreadable: ReadonlyMap<string, () => CheckpointError>;

  constructor(tensors: Iterable<Tensor>, unreadable: Unreadable) {
    super();
    this.unreadable = unreadable;
    for (const tensor of tensors) this.set(tensor.name, tensor);
  }

  /** @throws CheckpointError when the file has the name, but its value can't be read. */
  override get(name: string): Tensor | undefined {
    const reason = this.unreadable.get(name);
    if (reason !== undefined) throw reason();
    return super.get(name);
  }

  /** True of unreadable names, too: they are in the file. */
  override has(name: string): boolean {
    return this.unreadable.has(name) || super.has(name);
  }
}
