import path from 'node:path';
import type { Bar } from '../domain/types.js';
import { actionsOf, basisOf, readActionFiles, type ActionFiles } from './csv/actions.js';
import { listFolder, markOf, newestFile, openDropped, wholeOf, withDropped } from './csv/folder.js';
import { CsvBarReader, type ReadWindow } from './csv/reader.js';
import { asOutcome, FetchError, type BarRequest, type EodProvider, type ProviderAnswer } from './provider.js';
import { providerSymbol } from './symbols.js';

/** Files up to this size are read at once; larger ones are streamed, so that memory does not grow with them. */
const READ_WHOLE_BYTES_MAX = 4 * 1024 * 1024;
const PIECE_BYTES = 256 * 1024;

/**
 * The drop folder: one CSV a symbol, as people download them by hand (Stooq, Yahoo, Alpha Vantage; told apart by the
 * header), with `splits.csv` and `dividends.csv` beside them. The folder is listed once, when the first symbol is asked for.
 */
export function createCsvProvider(folder: string, now: () => Date): EodProvider {
  let listing: Promise<{ files: Map<string, string>; actionFiles: ActionFiles }> | null = null;
  const list = async () => {
    const files = await listFolder(folder);
    return { files, actionFiles: await readActionFiles(files) };
  };
  return {
    name: 'csv',
    fetchBars: (request) =>
      asOutcome(async () => {
        listing ??= list();
        const { files, actionFiles } = await listing;
        return readSymbol(files, actionFiles, request, now);
      }),
  };
}

/**
 * Names a symbol's file may have: plain, with Stooq's market suffix, as Stooq's download button names it, and as Alpha
 * Vantage's does.
 */
export function fileNamesOf(symbol: string): string[] {
  const spellings = [...new Set([symbol, symbol.replaceAll('.', '-'), providerSymbol('csv', symbol)])];
  return spellings.flatMap((name) => [
    `${name}.csv`,
    `${name}.us.csv`,
    `${name}_us_d.csv`,
    `${name}_d.csv`,
    `daily_${name}.csv`,
    `daily_adjusted_${name}.csv`,
  ]);
}

async function readSymbol(
  files: Map<string, string>,
  actionFiles: ActionFiles,
  request: BarRequest,
  now: () => Date,
): Promise<ProviderAnswer> {
  const { symbol, from, to } = request;
  const chosen = await newestFile(files, fileNamesOf(symbol), to);
  if (!chosen)
    throw new FetchError(
      'FILE_MISSING',
      `no file for ${symbol} in the drop folder: ${fileNamesOf(symbol)[0]} or the like`,
    );
  const { file, passedOver } = chosen;
  const name = path.basename(file);
  const reader = new CsvBarReader({ symbol, file: name, from, to, source: 'csv', currency: 'USD' });
  const { mark, whole } = await withDropped(file, async (dropped) => ({
    mark: dropped.mark,
    whole: dropped.size <= READ_WHOLE_BYTES_MAX ? await wholeOf(dropped, file) : null,
  }));
  const bars = whole ? readAll(reader, whole) : streamFile(reader, file, mark);
  const layout = whole
    ? reader.layout
    : await layoutOf(file, { symbol, file: name, from, to, source: 'csv', currency: 'USD' });
  const extra = actionsOf(actionFiles, symbol, to, 1);
  reader.actions.push(...extra.actions);
  return {
    ok: true,
    symbol,
    bars,
    actions: reader.actions,
    currency: 'USD',
    basis: basisOf(layout?.name ?? 'stooq', actionFiles),
    ...(passedOver.length > 0 && { passedOver: { read: name, others: passedOver } }),
    payloads: [
      { kind: 'eod', extension: 'csv', request: `file ${name} ${from}..${to}`, body: whole ?? { file } },
      ...extra.payloads,
    ],
    retrievedAt: now().toISOString(),
  };
}

/** All bars of a file held in memory. */
export const readAll = (reader: CsvBarReader, body: Buffer): Bar[] => [
  ...reader.push(body.toString('utf8')),
  ...reader.end(),
];

/** The bars of a large file, piece by piece; FILE_CHANGED when somebody replaced it while it was being read. */
async function* streamFile(reader: CsvBarReader, file: string, mark: string): AsyncGenerator<Bar> {
  const changed = () => new FetchError('FILE_CHANGED', `${path.basename(file)} changed while it was read`);
  const { handle, ...opened } = await openDropped(file);
  if (opened.mark !== mark) {
    await handle.close();
    throw changed();
  }
  // It ends where the file ended when it was opened, whatever is written behind.
  const pieces = handle.createReadStream({ encoding: 'utf8', highWaterMark: PIECE_BYTES, end: opened.size - 1 });
  for await (const piece of pieces) yield* reader.push(piece as string);
  yield* reader.end();
  if ((await markOf(file)) !== mark) throw changed();
}

/** The layout of a large file, from its first bytes. */
const layoutOf = (file: string, window: ReadWindow) =>
  withDropped(file, async ({ handle }) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    const reader = new CsvBarReader({ ...window, from: '9999-12-31', to: '0000-01-01' });
    reader.push(buffer.subarray(0, bytesRead).toString('utf8'));
    return reader.layout;
  });
