import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** A file of the configuration, of a key or of a secret: larger than any, small enough to be read at once. */
export const SMALL_FILE_BYTES_MAX = 4 * 1024 * 1024;

/** For what is read piece by piece. */
export const UNBOUNDED: Opening = { maxBytes: Number.POSITIVE_INFINITY };
const PIECE_BYTES = 64 * 1024;
/** A pipe is opened without waiting for whoever is at its other end, so that it can be told apart. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** Whether what has the name of a file is none that can be read as one: it was put there. */
export const isNoFile = (cause: unknown): boolean =>
  cause instanceof NotReadAsFile || ['ELOOP', 'ENXIO'].includes(String((cause as NodeJS.ErrnoException).code));

/** As the system names its errors: a directory is told so by the system as well. */
type NotAFile = 'EISDIR' | 'NOT_REGULAR' | 'TOO_LARGE';

/** What has the name of a file and is not read as one; `code` beside those of the system's own errors. */
class NotReadAsFile extends Error {
  constructor(
    message: string,
    readonly code: NotAFile,
  ) {
    super(message);
    this.name = 'NotReadAsFile';
  }
}

/**
 * Why a file cannot be read, or be written to, in the words that an operator is told: a sentence, or the system's code.
 */
export function whyUnreadable(cause: unknown): string {
  if (cause instanceof NotReadAsFile && cause.code !== 'EISDIR') return cause.message;
  const { code, message } = cause as NodeJS.ErrnoException;
  // A socket has no other way to be opened, and says so.
  return code === 'ENXIO' ? 'it is no regular file' : (code ?? message);
}

/** How a file is opened. */
export interface Opening {
  /** Bytes it may have. */
  maxBytes: number;
  /** Whether a link that has its name is followed (it is), or refused with ELOOP. */
  links?: 'followed' | 'refused';
}

/**
 * Opens a file to read from it: a regular one, whatever else may have taken its name. What is asked of it is asked of
 * the open file. Whoever opens it closes it.
 * @throws the system's error, or one with the code EISDIR, NOT_REGULAR or TOO_LARGE (see `whyUnreadable`)
 */
export async function openRegular(file: string, opening: Opening): Promise<{ handle: FileHandle; found: Stats }> {
  const handle = await open(file, flagsOf(opening));
  try {
    const found = await handle.stat();
    assertRegular(found, opening);
    return { handle, found };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The bytes of a regular file, read to its end: /proc says 0 of everything, and a file may grow meanwhile.
 * @throws as `openRegular`
 */
export async function readRegularBytes(file: string, opening: Opening): Promise<Buffer> {
  const { handle, found } = await openRegular(file, opening);
  try {
    const pieces = gather(found, opening);
    for (let isMore = true; isMore;) isMore = pieces.took((await handle.read(pieces.room())).bytesRead);
    return pieces.all();
  } finally {
    await handle.close();
  }
}

/** The same as text of UTF-8: of a file of the configuration, of keys or of secrets, unless another limit is named. */
export const readRegular = async (file: string, maxBytes = SMALL_FILE_BYTES_MAX): Promise<string> =>
  (await readRegularBytes(file, { maxBytes })).toString('utf8');

/** The same for those who cannot wait. @throws as `openRegular` */
export function readRegularSync(file: string, maxBytes = SMALL_FILE_BYTES_MAX): string {
  const descriptor = openSync(file, flagsOf({ maxBytes }));
  try {
    const found = fstatSync(descriptor);
    assertRegular(found, { maxBytes });
    const pieces = gather(found, { maxBytes });
    for (let isMore = true; isMore;) isMore = pieces.took(readSync(descriptor, pieces.room()));
    return pieces.all().toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** What a regular file ends with, of so many bytes at most. @throws as `openRegular` */
export function endOfRegularSync(file: string, bytes: number): string {
  const descriptor = openSync(file, READ);
  try {
    const found = fstatSync(descriptor);
    assertRegular(found, UNBOUNDED);
    const piece = Buffer.alloc(Math.min(bytes, found.size));
    return piece.subarray(0, readSync(descriptor, piece, 0, piece.length, found.size - piece.length)).toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** Lines are added at the end of a file that may be new; a link is not written through, a pipe not waited for. */
const APPEND =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/**
 * Opens a regular file to add to its end, or makes it, readable by its owner alone. Whoever opens it closes it.
 * @throws as `openRegular`; ELOOP for a link
 */
export async function appendRegular(file: string): Promise<FileHandle> {
  const handle = await open(file, APPEND, 0o600);
  try {
    assertRegular(await handle.stat(), UNBOUNDED);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The same for a descriptor that a child inherits. */
export function appendRegularSync(file: string): number {
  const descriptor = openSync(file, APPEND, 0o600);
  try {
    assertRegular(fstatSync(descriptor), UNBOUNDED);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

const flagsOf = ({ links = 'followed' }: Opening): number =>
  links === 'followed' ? READ : READ | constants.O_NOFOLLOW;

function assertRegular(found: Stats, { maxBytes }: Opening): void {
  if (found.isDirectory()) throw new NotReadAsFile('it is a directory', 'EISDIR');
  if (!found.isFile()) throw new NotReadAsFile('it is no regular file', 'NOT_REGULAR');
  if (found.size > maxBytes) throw tooLarge(maxBytes);
}

const tooLarge = (maxBytes: number) => new NotReadAsFile(`it has more than ${maxBytes} bytes`, 'TOO_LARGE');

/**
 * Collects what is read, up to the limit: in one piece where the file says its size, with a byte to see its end by. A
 * desk reads three small files for each page, and pieces of a fixed size would be most of its garbage.
 */
function gather(
  { size: said }: Stats,
  { maxBytes }: Opening,
): { room: () => Buffer; took: (bytes: number) => boolean; all: () => Buffer } {
  const pieces: Buffer[] = [];
  let [piece, filled, size] = [Buffer.allocUnsafe(said === 0 ? PIECE_BYTES : said + 1), 0, 0];
  return {
    room() {
      if (filled === piece.length) {
        pieces.push(piece);
        [piece, filled] = [Buffer.allocUnsafe(PIECE_BYTES), 0];
      }
      return piece.subarray(filled);
    },
    took(bytes) {
      [filled, size] = [filled + bytes, size + bytes];
      if (size > maxBytes) throw tooLarge(maxBytes);
      return bytes > 0;
    },
    all: () => (pieces.length === 0 ? piece.subarray(0, filled) : Buffer.concat([...pieces, piece], size)),
  };
}
