/** Who draws for `twostep mcp`: the companion that runs on this machine, else this process. */
import { ApiFailure, Placement } from '../../models/api.js';
import { createCompanionEngine } from '../../models/client/companion.js';
import { type Engine, GenerateError } from '../../models/protocol.js';
import { findRunning } from '../companion/instance.js';
import type { Reporter } from '../node/reporter.js';
import { companionFolder } from '../packs/places.js';
import type { GenerateDependencies, LocalEngine } from './generate.js';
import { createProcessKey, revokeKey } from './mcp-key.js';

/** A picture as the companion knows it. */
export type CompanionPicture = { readonly job: string; readonly index: number };

export type McpEngines = {
  /** @param onJob told the companion's job, where it draws */
  engineFor(pack: string, onJob: (job: string) => void): Promise<Engine>;
  /** @throws GenerateError `engine-unavailable` where none runs */
  companionEngine(onJob: (job: string) => void): Promise<Engine>;
  /** @throws GenerateError `engine-unavailable` where no companion runs, or what it says instead of placing */
  place(picture: CompanionPicture, where: 'selection' | 'beside', signal: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
};

type Companion = { readonly url: string; readonly token: string };

/** @param reporter must not write to stdout, which is the agent's */
export function createMcpEngines(
  openLocalEngine: GenerateDependencies['openLocalEngine'],
  reporter: Reporter,
): McpEngines {
  let key: Promise<{ token: string; id: string }> | undefined;
  let local: { readonly pack: string; readonly open: Promise<LocalEngine> } | undefined;

  /** Looked for at each call: it may come and go while the agent is open. */
  async function companion(): Promise<Companion | null> {
    const port = await findRunning(companionFolder());
    if (port === null) return null;
    key ??= createProcessKey(reporter);
    return { url: `http://127.0.0.1:${port}`, token: (await key).token };
  }

  async function needCompanion(): Promise<Companion> {
    const found = await companion();
    if (found) return found;
    throw new GenerateError('engine-unavailable', NO_COMPANION);
  }

  async function localEngineFor(pack: string): Promise<LocalEngine> {
    if (local?.pack !== pack) {
      const before = local;
      local = { pack, open: openLocalEngine(pack, reporter) };
      await (await before?.open.catch(() => undefined))?.close();
    }
    return local.open.catch((error: unknown) => {
      local = undefined;
      throw error;
    });
  }

  return {
    async engineFor(pack, onJob) {
      const found = await companion();
      return found ? createCompanionEngine({ ...found, onJob }) : (await localEngineFor(pack)).engine;
    },
    companionEngine: async (onJob) => createCompanionEngine({ ...(await needCompanion()), onJob }),
    async place({ job, index }, where, signal) {
      const { url, token } = await needCompanion();
      const response = await fetch(`${url}/v1/placements`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ job, index, where }),
        signal,
      });
      const json: unknown = await response.json();
      if (response.ok) return Placement.parse(json).names;
      const told = ApiFailure.safeParse(json).data?.error.message;
      throw new GenerateError('engine-failed', told ?? `The companion refused with status ${response.status}.`);
    },
    async close() {
      const [made, open] = await Promise.all([key, local?.open]).catch(() => []);
      await open?.close();
      if (made) await revokeKey(made.id, reporter);
    },
  };
}

const NO_COMPANION =
  'No companion runs on this machine, and a panel is reached through it. Start it with "twostep serve", open Twostep in Figma and connect it there.';
