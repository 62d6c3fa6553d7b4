import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { OpsError } from '../../domain/errors.js';
import { refusedStatement } from '../../domain/statement/refusals.js';
import { STATEMENT_BYTES_MAX } from '../../domain/text.js';

const ENTRIES_MAX = 1_000;
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;
/** Sheets pack ten to one; a part above a megabyte that packs so much better was made to fill a memory. */
const RATIO_MAX = 200;
const RATIO_FROM_BYTES = 1024 * 1024;

/** A part of a workbook, which is read once and in pieces. */
export interface Part {
  name: string;
  /**
   * Hands on its bytes as they are unpacked, and refuses it where it is not what the directory says of it.
   * @throws OpsError STATEMENT_NOT_A_WORKBOOK, and what `take` throws
   */
  read(take: (bytes: Buffer) => void): Promise<void>;
}

/** The beginning of what Office wraps a workbook in that has a password, and of workbooks before 2007. */
const COMPOUND_FILE = Buffer.from('d0cf11e0a1b11ae1', 'hex');

/**
 * The parts of a workbook, by name, none of them unpacked yet: number, names, sizes and kinds are looked at first.
 * @throws OpsError STATEMENT_TOO_LARGE, STATEMENT_HOSTILE, STATEMENT_NOT_A_WORKBOOK
 */
export async function openArchive(body: Buffer): Promise<Map<string, Part>> {
  if (body.length > STATEMENT_BYTES_MAX) {
    const rule = `must be at most ${STATEMENT_BYTES_MAX} bytes`;
    throw refusedStatement('STATEMENT_TOO_LARGE', 'file', `${body.length} bytes`, rule);
  }
  if (body.subarray(0, 8).equals(COMPOUND_FILE))
    throw damaged('has a password, or is a workbook of before 2007: must be an XLSX workbook without a password');
  if (body.length < 22 || body.readUInt32LE(0) !== 0x04034b50) throw damaged('must be an XLSX workbook');
  return readable('file', async () => {
    const zip = await fromBufferPromise(body, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true });
    return partsOf(zip, await entriesOf(zip, body.length));
  });
}

const damaged = (rule: string, where = 'file', cause?: unknown): OpsError =>
  refusedStatement('STATEMENT_NOT_A_WORKBOOK', where, null, rule, cause);

/** What the reader of archives says of a damaged one, as a refusal. */
async function readable<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof OpsError) throw cause;
    throw damaged(`is damaged, or no ZIP archive (${(cause as Error).message})`, where, cause);
  }
}

async function entriesOf(zip: ZipFile, fileBytes: number): Promise<Entry[]> {
  if (zip.entryCount > ENTRIES_MAX) {
    const rule = `must be at most ${ENTRIES_MAX}`;
    throw refusedStatement('STATEMENT_TOO_LARGE', 'parts of the archive', String(zip.entryCount), rule);
  }
  const entries: Entry[] = [];
  const names = new Set<string>();
  const total = { packed: 0, unpacked: 0 };
  for await (const entry of zip.eachEntry()) {
    refuseEntry(entry);
    // Names differ by more than capitals, or one reader would take another part than the next.
    const name = entry.fileName.toLowerCase();
    if (names.has(name)) throw refusedStatement('STATEMENT_HOSTILE', 'part', entry.fileName, 'is there twice');
    names.add(name);
    total.packed += entry.compressedSize;
    total.unpacked += entry.uncompressedSize;
    if (total.unpacked > UNPACKED_BYTES_MAX) throw unpacksTo(`more than ${UNPACKED_BYTES_MAX} bytes`);
    if (total.packed > fileBytes)
      throw refusedStatement('STATEMENT_HOSTILE', 'part', entry.fileName, 'lies over another one in the archive');
    entries.push(entry);
  }
  return entries;
}

const unpacksTo = (what: string): OpsError =>
  refusedStatement('STATEMENT_TOO_LARGE', 'file', null, `unpacks to ${what}: was never an account statement`);

function refuseEntry(entry: Entry): void {
  const { fileName, uncompressedSize: unpacked, compressedSize: packed } = entry;
  const refuse = (rule: string) => refusedStatement('STATEMENT_HOSTILE', 'part', fileName, rule);
  if (entry.isEncrypted()) throw refuse('is encrypted: must have no password');
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    throw refuse(`is packed by method ${entry.compressionMethod}: must be stored or deflated`);
  if (unpacked > RATIO_FROM_BYTES && unpacked > packed * RATIO_MAX) throw unpacksTo(`${RATIO_MAX} times its size`);
  const kind = HOSTILE.find(({ name }) => name.test(fileName));
  if (kind) throw refuse(`${kind.what} may not be in a statement`);
  if (!fileName.endsWith('/') && !PLAIN.test(fileName)) throw refuse('is of no kind that a statement has');
}

/** Parts that run, that fetch, or that hide something, by the folders and names that the format gives them. */
const HOSTILE: readonly { name: RegExp; what: string }[] = [
  { name: /vba|macrosheets|dialogsheets|intlmacrosheets/i, what: 'macros' },
  { name: /externallinks?\//i, what: 'links to other files' },
  { name: /embeddings\/|oleobject|activex|ctrlprops/i, what: 'embedded objects' },
  { name: /connections\.xml$|querytables?\/|webextensions?\/|xl\/model\//i, what: 'connections to data elsewhere' },
  { name: /customui\//i, what: 'buttons of their own' },
  { name: /calcchain\.xml$/i, what: 'formulas' },
];
/** What else a workbook consists of: markup, pictures, and what a printer was set to. */
const PLAIN = /(\.(xml|rels|vml|png|jpe?g|gif|emf|wmf)|printerSettings\d*\.bin)$/i;

function partsOf(zip: ZipFile, entries: Entry[]): Map<string, Part> {
  const parts = entries
    .filter(({ fileName }) => !fileName.endsWith('/'))
    .map((entry): Part => ({
      name: entry.fileName,
      read: (take) => readable(entry.fileName, () => readEntry(zip, entry, take)),
    }));
  return new Map(parts.map((part) => [part.name, part]));
}

async function readEntry(zip: ZipFile, entry: Entry, take: (bytes: Buffer) => void): Promise<void> {
  const stream: Readable = await zip.openReadStreamPromise(entry);
  let sum = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    sum = crc32(piece, sum);
    take(piece);
  }
  if (sum !== entry.crc32) throw damaged('is damaged: its checksum is another one', entry.fileName);
}
