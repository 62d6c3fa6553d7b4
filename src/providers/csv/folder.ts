import { readdir, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { IsoDate } from '../../domain/types.js';
import { openRegular, whyUnreadable } from '../../files/regular.js';
import { FetchError } from '../provider.js';

/** The files of a drop folder by lower-case name; an unreadable folder is a failure of every symbol. */
export async function listFolder(folder: string): Promise<Map<string, string>> {
  try {
    const names = await readdir(folder);
    return new Map(names.toSorted().map((name) => [name.toLowerCase(), path.join(folder, name)]));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new FetchError('FILE_MISSING', `the drop folder ${folder} does not exist`, { cause });
    throw new FetchError('FILE_UNREADABLE', `the drop folder ${folder} cannot be read (${code})`, { cause });
  }
}

/** A file that a symbol or pair is read from, and those it was preferred to, by name. */
export interface ChosenFile {
  file: string;
  passedOver: string[];
}

/** What a browser adds to the name of a file that it saves a second time. */
const COPY_SUFFIX = / ?\(\d{1,3}\)(?=\.[a-z]+$)/;

/**
 * The newest of the files that have one of these names, whatever its case and whether or not a browser counted it
 * (`AAPL (1).csv`): the one whose rows reach furthest, up to the date that is wanted; of equal ones the one changed
 * last.
 * @param to rows after it do not count.
 */
export async function newestFile(
  files: Map<string, string>,
  names: readonly string[],
  to: IsoDate,
): Promise<ChosenFile | undefined> {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const found = [...files].flatMap(([name, file]) => (wanted.has(name.replace(COPY_SUFFIX, '')) ? [file] : []));
  const [only] = found;
  if (only === undefined) return undefined;
  if (found.length === 1) return { file: only, passedOver: [] };
  const ranked = await Promise.all(found.map(async (file) => ({ file, ...(await reachOf(file, to)) })));
  const [chosen, ...others] = ranked.toSorted(
    (a, b) =>
      (a.reaches === b.reaches ? b.changed - a.changed : a.reaches < b.reaches ? 1 : -1) || (a.file < b.file ? -1 : 1),
  );
  return chosen && { file: chosen.file, passedOver: others.map(({ file }) => path.basename(file)).toSorted() };
}

/** A line that begins with a date, at any place of the text. */
const DATED = /^"?(\d{4}-\d{2}-\d{2})/gm;
/** A row's date stands at the beginning; with a symbol before it, behind the first comma. */
const DATED_SECOND = /^[^,\n]{1,20},"?(\d{4}-\d{2}-\d{2})/gm;
/** Files are sorted by date one way or the other: the newest row is among the first or the last of them. */
const ENDS_BYTES = 64 * 1024;

/** The newest date up to `to` at either end of a file, and when the file was changed. */
async function reachOf(file: string, to: IsoDate): Promise<{ reaches: IsoDate; changed: number }> {
  try {
    return await withDropped(file, async ({ handle, size, changed }) => {
      const head = await handle.read(Buffer.alloc(ENDS_BYTES), 0, ENDS_BYTES, 0);
      const from = Math.max(0, size - ENDS_BYTES);
      const tail = await handle.read(Buffer.alloc(ENDS_BYTES), 0, ENDS_BYTES, from);
      const text = [head, tail]
        .map(({ buffer, bytesRead }) => buffer.subarray(0, bytesRead).toString('utf8'))
        .join('\n');
      const dates = [...text.matchAll(DATED), ...text.matchAll(DATED_SECOND)].map(([, date = '']) => date);
      const reaches = dates.reduce((newest, date) => (date > newest && date <= to ? date : newest), '');
      return { reaches, changed };
    });
  } catch {
    // What cannot be read is passed over where another can; alone, it is told when it is read.
    return { reaches: '', changed: 0 };
  }
}

/** A file of the drop folder that is open; whoever opens it closes it. */
export interface Dropped {
  handle: FileHandle;
  size: number;
  /** When it was changed, milliseconds since 1970. */
  changed: number;
  /** What tells one state of a file from another: size, time of change and inode. */
  mark: string;
}

/** Longer than any history: what is larger is no file of prices. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;
/**
 * Opens a file of the drop folder: a regular one that lies there itself. What is asked of it then is asked of the open
 * file, whatever takes its name meanwhile.
 * @throws FetchError FILE_UNREADABLE for a link, a directory, a pipe, a device; TOO_LARGE
 */
export async function openDropped(file: string): Promise<Dropped> {
  try {
    // A link leads out of the folder.
    const { handle, found } = await openRegular(file, { maxBytes: FILE_BYTES_MAX, links: 'refused' });
    const { size, mtimeMs, ino } = found;
    return { handle, size, changed: mtimeMs, mark: `${size}/${mtimeMs}/${ino}` };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const name = path.basename(file);
    if (code === 'TOO_LARGE')
      throw new FetchError('TOO_LARGE', `${name}: ${whyUnreadable(cause)}, more than any history of prices`, { cause });
    const words: Record<string, string> = {
      ELOOP: 'it is a link, and links are not followed',
      EISDIR: 'it is no regular file',
    };
    const why = words[code ?? ''] ?? whyUnreadable(cause);
    throw new FetchError('FILE_UNREADABLE', `${name} cannot be read (${why})`, { cause });
  }
}

/** Works with a file of the drop folder and closes it. */
export async function withDropped<T>(file: string, work: (dropped: Dropped) => Promise<T>): Promise<T> {
  const dropped = await openDropped(file);
  try {
    return await work(dropped);
  } finally {
    await dropped.handle.close();
  }
}

/** Reads a dropped file whole: as many bytes as it has, and one that has become longer meanwhile says so. */
export const readDropped = (file: string): Promise<Buffer> => withDropped(file, (dropped) => wholeOf(dropped, file));

/** The bytes of an open file. */
export async function wholeOf({ handle, size }: Pick<Dropped, 'handle' | 'size'>, file: string): Promise<Buffer> {
  if (size > READ_BYTES_MAX)
    throw new FetchError('TOO_LARGE', `${path.basename(file)} has ${size} bytes, too many to be read at once`);
  const body = Buffer.alloc(size);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await handle.read(body, at, size - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return body.subarray(0, at);
}

/** A table of rates or of actions is a hundredth of it. */
const READ_BYTES_MAX = 64 * 1024 * 1024;

/** The state a file is in now. */
export const markOf = (file: string): Promise<string> => withDropped(file, ({ mark }) => Promise.resolve(mark));
