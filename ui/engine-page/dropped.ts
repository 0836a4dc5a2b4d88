/** Files of a folder that the person dropped or chose, with their paths inside it. */

export type PathAndFile = { readonly path: string; readonly file: Blob };

export const pickedFiles = (files: FileList | null): PathAndFile[] =>
  Array.from(files ?? [], (file) => ({ path: file.webkitRelativePath || file.name, file }));

/** The largest published pack has some ten files: whoever drops their whole disk shall hear so soon. */
const MAXIMUM_FILES = 2000;

export async function droppedFiles(transfer: DataTransfer): Promise<PathAndFile[]> {
  // Entries must be taken before the first pause, or the browser empties the list.
  const entries = Array.from(transfer.items).flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found: PathAndFile[] = [];
  for (let entry = entries.shift(); entry && found.length < MAXIMUM_FILES; entry = entries.shift()) {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      found.push({ path: entry.fullPath.replace(/^\//, ''), file });
    } else {
      const reader = (entry as FileSystemDirectoryEntry).createReader();
      // It gives at most a hundred at a time.
      for (let some = await readSome(reader); some.length > 0; some = await readSome(reader)) entries.push(...some);
    }
  }
  return found;
}

const readSome = (reader: FileSystemDirectoryReader) =>
  new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
