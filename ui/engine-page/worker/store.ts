/**
 * Packs in the browser's private file system. A file is called by its SHA-256 and its size, so packs can share it and nothing that
 * another pack claims can overwrite it. A pack is there when its record is: that is written last, after every file was checked.
 *
 *   twostep/files/<sha256>-<size>     perhaps unfinished
 *   twostep/packs/<id>.json
 */
import { Pack } from '../../../models/families/packs.js';
import type { PackFile } from '../../../models/pack.js';
import { GenerateError } from '../../../models/protocol.js';

export type Store = {
  packs(): Promise<Pack[]>;
  find(id: string): Promise<Pack | null>;
  /** Bytes of everything, unfinished files included. */
  used(): Promise<number>;
  /** The whole file. @throws GenerateError `engine-unavailable` when the browser has erased it */
  read(file: PackFile): Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes of the file that are here. */
  size(file: PackFile): Promise<number>;
  /** Opens the file to go on with it. Close it. */
  append(file: PackFile): Promise<Appending>;
  remove(file: PackFile): Promise<void>;
  /** From now on the pack is there. */
  record(pack: Pack): Promise<void>;
  /** Removes the pack and every file that no other pack needs. */
  erase(id: string): Promise<void>;
};

export type Appending = {
  readonly size: number;
  /** @throws GenerateError `engine-unavailable` when the storage is full */
  write(bytes: Uint8Array<ArrayBuffer>): void;
  /** Throws away what is here. */
  restart(): void;
  close(): void;
};

export function createStore(): Store {
  const folder = async (name: 'files' | 'packs') =>
    (await (await navigator.storage.getDirectory()).getDirectoryHandle('twostep', { create: true })).getDirectoryHandle(
      name,
      { create: true },
    );
  const nameOf = ({ sha256, size }: PackFile) => `${sha256}-${size}`;
  const open = async (file: PackFile) => {
    const handle = await (await folder('files')).getFileHandle(nameOf(file)).catch(orNull);
    return handle && (await handle.getFile().catch(orNull));
  };

  const store: Store = {
    async packs() {
      const found: Pack[] = [];
      for await (const handle of (await folder('packs')).values()) {
        if (handle.kind !== 'file') continue;
        // A record that a crash left half written is no record.
        const text = await handle.getFile().then((file) => file.text());
        const parsed = Pack.safeParse(parseOrNull(text));
        if (parsed.success) found.push(parsed.data);
      }
      return found;
    },
    find: async (id) => (await store.packs()).find((pack) => pack.id === id) ?? null,
    async used() {
      let sum = 0;
      for await (const handle of (await folder('files')).values())
        if (handle.kind === 'file') sum += (await handle.getFile()).size;
      return sum;
    },
    async read(file) {
      const found = await open(file);
      if (found?.size !== file.size)
        throw new GenerateError(
          'engine-unavailable',
          `The browser has erased "${file.path}", which was stored here. The model has to be downloaded again.`,
        );
      return new Uint8Array(await found.arrayBuffer());
    },
    size: async (file) => (await open(file))?.size ?? 0,
    async append(file) {
      const handle = await (await folder('files')).getFileHandle(nameOf(file), { create: true });
      const access = await handle.createSyncAccessHandle().catch((cause: unknown) => {
        throw new GenerateError('engine-unavailable', `"${file.path}" is being downloaded by another window.`, {
          cause,
        });
      });
      let at = access.getSize();
      return {
        get size() {
          return at;
        },
        write(bytes) {
          let written: number;
          try {
            written = access.write(bytes, { at });
          } catch (cause) {
            throw full(cause);
          }
          // Chromium neither throws nor writes when the quota is reached, and returns 2^32 - 1.
          if (written !== bytes.length) throw full(undefined);
          at += written;
        },
        restart() {
          access.truncate(0);
          at = 0;
        },
        close() {
          access.flush();
          access.close();
        },
      };
    },
    async remove(file) {
      await (await folder('files')).removeEntry(nameOf(file)).catch(orNull);
    },
    async record(pack) {
      const handle = await (await folder('packs')).getFileHandle(`${pack.id}.json`, { create: true });
      const access = await handle.createSyncAccessHandle();
      try {
        access.truncate(0);
        const text = new TextEncoder().encode(JSON.stringify(pack));
        if (access.write(text) !== text.length) throw full(undefined);
      } finally {
        access.close();
      }
    },
    async erase(id) {
      await (await folder('packs')).removeEntry(`${id}.json`).catch(orNull);
      const needed = new Set((await store.packs()).flatMap(({ files }) => files.map(nameOf)));
      const files = await folder('files');
      const unneeded: string[] = [];
      for await (const name of files.keys()) if (!needed.has(name)) unneeded.push(name);
      // One that another window is writing to stays.
      for (const name of unneeded) await files.removeEntry(name).catch(orNull);
    },
  };
  return store;
}

const full = (cause: unknown) =>
  new GenerateError(
    'engine-unavailable',
    'The browser’s storage is full. Erase a model that you do not need, or make room on the disk.',
    { cause },
  );

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What is not there is no failure here. */
const orNull = () => null;
