/** `twostep token`: keys for programs that speak to the companion. */
import { join } from 'node:path';
import { printable } from '../../models/printable.js';
import { openTokens } from '../companion/auth/lmdb-tokens.js';
import type { Tokens } from '../companion/auth/tokens.js';
import { lockFolder } from '../companion/lock.js';
import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';
import { prepareFolder } from '../node/storage.js';
import { companionFolder } from '../packs/places.js';

/** `queue`: of companions that share one, whose keys lie there. */
type Context = { readonly reporter: Reporter; readonly queue?: string | undefined };

export async function withTokens<T>({ reporter, queue }: Context, work: (tokens: Tokens) => Promise<T>): Promise<T> {
  if (queue !== undefined) {
    const { withSharedTokens } = await import('../queue/tokens.js');
    return withSharedTokens(queue, work);
  }
  const folder = companionFolder();
  await prepareFolder(folder);
  // A companion that runs has looked whether the store is sound, and now writes in it.
  const lock = await lockFolder(folder);
  try {
    const tokens = openTokens(join(folder, 'access'), {
      onDamage: lock
        ? (aside, what) =>
            reporter.note(
              { type: 'damaged', aside, what },
              `Note: the store of keys was damaged (${what}); there are none any more. It is set aside as "${aside}".`,
            )
        : undefined,
    });
    try {
      return await work(tokens);
    } finally {
      await tokens.close();
    }
  } finally {
    await lock?.release();
  }
}

export function runTokenCreate(name: string, context: Context): Promise<ExitCode> {
  const { reporter } = context;
  return withTokens(context, async (tokens) => {
    const { token, id } = await tokens.create(name, { manages: true });
    reporter.note({ type: 'note' }, `A key called "${printable(name)}" (${id}). It is shown this once:`);
    reporter.result({ type: 'token', id, name, token }, token);
    return EXIT.ok;
  });
}

export function runTokenList(context: Context): Promise<ExitCode> {
  const { reporter } = context;
  return withTokens(context, async (tokens) => {
    const all = await tokens.list();
    const day = (time: number | null) => (time === null ? 'never' : new Date(time).toISOString().slice(0, 10));
    for (const token of all)
      reporter.result(
        { type: 'token', ...token },
        `${token.id}  ${printable(token.name)}  made ${day(token.created)}, last used ${day(token.used)}`,
      );
    if (all.length === 0) reporter.note({ type: 'note' }, 'There are none.');
    return EXIT.ok;
  });
}

export function runTokenRevoke(id: string, context: Context): Promise<ExitCode> {
  const { reporter } = context;
  return withTokens(context, async (tokens) => {
    if (!(await tokens.revoke(id)))
      throw new CommandError(EXIT.usage, `There is no key "${id}"; "twostep token list" has them all.`);
    reporter.note({ type: 'revoked', id }, `${id} opens nothing any more.`);
    return EXIT.ok;
  });
}
