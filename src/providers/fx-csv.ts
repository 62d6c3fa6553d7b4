import path from 'node:path';
import { findFile, listFolder, readDropped } from './csv/folder.js';
import { readRates } from './fx-tables.js';
import { asOutcome, FetchError, type FxAnswer, type FxProvider, type FxRequest } from './provider.js';
import { isZip, unzipFirst } from './zip.js';

/** Files looked for, in this order: the ECB's own table, a table of crosses made from it, then prices of the pair itself. */
const fxFileNamesOf = (pair: string): string[] => [
  'eurofxref-hist.csv',
  'eurofxref-hist.zip',
  `${pair}_ecb.csv`,
  `${pair}.csv`,
  `${pair}_d.csv`,
];

/** Rates from the drop folder: the ECB's history file, or a file of the pair such as Stooq's `gbpusd_d.csv`. */
export function createCsvFxProvider(folder: string, now: () => Date): FxProvider {
  return {
    name: 'csv',
    fetchRates: (request) =>
      asOutcome(async () => {
        const answer = await ratesFromFolder(folder, fxFileNamesOf(request.pair), request, now);
        if (answer) return answer;
        throw new FetchError(
          'FILE_MISSING',
          `no file with ${request.pair} in the drop folder: ${fxFileNamesOf(request.pair).join(', ')}`,
        );
      }),
  };
}

/** The pair's rates from the first of the named files; null when the folder has none of them. */
export async function ratesFromFolder(
  folder: string,
  names: string[],
  request: FxRequest,
  now: () => Date,
): Promise<FxAnswer | null> {
  const file = findFile(await listFolder(folder), names);
  if (!file) return null;
  const name = path.basename(file);
  const body = await readDropped(file);
  return ratesAnswer(body, `file ${name} ${request.from}..${request.to}`, name, request, now);
}

/** An answer from the bytes of a rates file, packed or plain. */
export function ratesAnswer(
  body: Buffer,
  asked: string,
  name: string,
  { pair, from, to }: FxRequest,
  now: () => Date,
): FxAnswer {
  const text = (isZip(body) ? unzipFirst(body, name) : body).toString('utf8');
  return {
    ok: true,
    pair,
    rates: readRates(text, { pair, from, to, file: name }),
    retrievedAt: now().toISOString(),
    payloads: [{ kind: 'fx', extension: isZip(body) ? 'zip' : 'csv', request: asked, body }],
  };
}
