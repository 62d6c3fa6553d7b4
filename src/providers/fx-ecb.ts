import path from 'node:path';
import type { ProviderOptions } from './options.js';
import { ratesAnswer, ratesFromFolder } from './fx-csv.js';
import { accessTo, excerpt, refuseStatus } from './http-provider.js';
import { asOutcome, FetchError, type FxAnswer, type FxProvider, type FxRequest } from './provider.js';

const FILE = 'eurofxref-hist';
const ECB = { name: 'ecb', baseUrl: 'https://www.ecb.europa.eu/stats/eurofxref/', urlVariable: 'TRADING_OPS_ECB_URL' };

/**
 * The ECB's reference rates: one ZIP with the whole history, no key. A copy of the file in the drop folder that reaches
 * the as-of date is used instead, so that an operator without a connection can bring it by hand.
 */
export function createEcbProvider(options: ProviderOptions): FxProvider {
  return {
    name: 'ecb',
    fetchRates: (request) =>
      asOutcome(async () => {
        const dropped = await droppedCopy(options, request);
        if (dropped && dropped.rates.at(-1)?.date === request.to) return dropped;
        try {
          return await download(options, request);
        } catch (error) {
          if (dropped && dropped.rates.length > 0) return dropped;
          throw error;
        }
      }),
  };
}

async function droppedCopy({ policy, dataDir, now }: ProviderOptions, request: FxRequest): Promise<FxAnswer | null> {
  const folder = path.resolve(dataDir, policy.market_data.csv_folder);
  try {
    return await ratesFromFolder(folder, [[`${FILE}.csv`, `${FILE}.zip`]], request, now);
  } catch (error) {
    // No folder is the usual case; a damaged copy must not hide what the ECB itself says.
    if (error instanceof FetchError) return null;
    throw error;
  }
}

async function download(options: ProviderOptions, request: FxRequest): Promise<FxAnswer> {
  const { client, baseUrl } = accessTo(options, ECB);
  const url = new URL(`${FILE}.zip`, baseUrl);
  const answer = await client.get(url, {}, request.signal);
  refuseStatus(answer, 'ecb', client.redact);
  const start = answer.body.subarray(0, 200).toString('utf8').trim();
  if (answer.body.length === 0) throw new FetchError('EMPTY', 'ecb sent an empty answer');
  if (start.startsWith('<'))
    throw new FetchError('HTML_INSTEAD_OF_DATA', `ecb sent a web page: ${excerpt(start, client.redact)}`);
  return ratesAnswer(
    answer.body,
    `GET ${url.href} ${request.from}..${request.to}`,
    `${FILE}.zip`,
    request,
    options.now,
  );
}
