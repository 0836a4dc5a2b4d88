/** `twostep token`: keys for programs that speak to the companion. */
import { join } from 'node:path';
import { printable } from '../../models/printable.js';
import { openTokens, type Tokens } from '../companion/auth/tokens.js';
import { lockFolder } from '../companion/lock.js';
import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';
import { prepareFolder } from '../node/storage.js';
import { companionFolder } from '../packs/places.js';

type Context = { readonly reporter: Reporter };

export async function withTokens<T>({ reporter }: Context, work: (tokens: Tokens) => Promise<T>): Promise<T> {
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

export function runTokenCreate(name: string, { reporter }: Context): Promise<ExitCode> {
  return withTokens({ reporter }, async (tokens) => {
    const { token, id } = await tokens.create(name, { manages: true });
    reporter.note({ type: 'note' }, `A key called "${printable(name)}" (${id}). It is shown this once:`);
    reporter.result({ type: 'token', id, name, token }, token);
    return EXIT.ok;
  });
}

export function runTokenList({ reporter }: Context): Promise<ExitCode> {
  return withTokens({ reporter }, async (tokens) => {
    const all = tokens.list();
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

export function runTokenRevoke(id: string, { reporter }: Context): Promise<ExitCode> {
  return withTokens({ reporter }, async (tokens) => {
    if (!(await tokens.revoke(id)))
      throw new CommandError(EXIT.usage, `There is no key "${id}"; "twostep token list" has them all.`);
    reporter.note({ type: 'revoked', id }, `${id} opens nothing any more.`);
    return EXIT.ok;
  });
}
