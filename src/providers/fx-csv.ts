import path from 'node:path';
import { listFolder, newestFile, readDropped } from './csv/folder.js';
import { readRates } from './fx-tables.js';
import { asOutcome, FetchError, type FxAnswer, type FxProvider, type FxRequest } from './provider.js';
import { isZip, unzipFirst } from './zip.js';

/**
 * Names of files with a pair's rates, a list a kind: the ECB's own table, a table of crosses made from it, prices of
 * the pair itself. The first kind that is there is read, for its rates are of one hour of the day; of one kind the
 * newest.
 */
export const fxFilesOf = (pair: string): string[][] => [
  ['eurofxref-hist.csv', 'eurofxref-hist.zip'],
  [`${pair}_ecb.csv`],
  [`${pair}.csv`, `${pair}_d.csv`],
];

/**
 * Rates from the drop folder: the ECB's history file, or a file of the pair such as Stooq's `gbpusd_d.csv`.
 * @param choices besideEcb: the ECB is a source of its own in the policy, and its file is that source's: two sources that
 * read one file are one.
 */
export function createCsvFxProvider(folder: string, now: () => Date, { besideEcb = false } = {}): FxProvider {
  return {
    name: 'csv',
    fetchRates: (request) =>
      asOutcome(async () => {
        const [ofEcb, ...ofPair] = fxFilesOf(request.pair);
        const kinds = besideEcb || ofEcb === undefined ? ofPair : [ofEcb, ...ofPair];
        const answer = await ratesFromFolder(folder, kinds, request, now);
        if (answer) return answer;
        throw new FetchError(
          'FILE_MISSING',
          `no file with ${request.pair} in the drop folder: ${kinds.flat().join(', ')}`,
        );
      }),
  };
}

/** The pair's rates from the newest file of the first kind that is there; null when the folder has none of them. */
export async function ratesFromFolder(
  folder: string,
  kinds: readonly string[][],
  request: FxRequest,
  now: () => Date,
): Promise<FxAnswer | null> {
  const files = await listFolder(folder);
  for (const names of kinds) {
    const chosen = await newestFile(files, names, request.to);
    if (chosen === undefined) continue;
    const read = path.basename(chosen.file);
    const body = await readDropped(chosen.file);
    const answer = ratesAnswer(body, `file ${read} ${request.from}..${request.to}`, read, request, now);
    return { ...answer, ...(chosen.passedOver.length > 0 && { passedOver: { read, others: chosen.passedOver } }) };
  }
  return null;
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
