import { asOfDate, sessionsBetween } from '../../domain/calendar/calendar.js';
import { faultError } from '../../domain/errors.js';
import { rateSources } from '../../domain/market/rates.js';
import { pairsWanted, symbolsWanted } from '../../domain/market/wanted.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { IsoDate } from '../../domain/types.js';
import { wholeHistoryFrom } from '../../operations/market/fetching.js';
import type { PlannedEvent } from '../events.js';
import { brokerMarket, mergedRates, type Rates } from '../market.js';
import type { BrokerMarket } from '../broker.js';
import type { PlannedRuling } from '../rulings.js';
import { readArchive, type Archive } from './archive.js';
import type { Rules } from './desk.js';

/** Where the market of a walk is read, and of which days. */
export interface MarketOfWalk {
  rules: Pick<Rules, 'policy' | 'universe' | 'account'>;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  from: IsoDate;
  to: IsoDate;
  rulings: readonly PlannedRuling[];
  events: readonly PlannedEvent[];
}

/** Reads all that a walk needs: what its mornings will be told, and what its broker trades at. */
export async function readMarket({
  rules: { policy, universe, account },
  dataDir,
  env,
  from,
  to,
  rulings,
  events,
}: MarketOfWalk): Promise<{ archive: Archive; market: BrokerMarket }> {
  const [first = from] = sessionsBetween(from, to, policy.calendar);
  const began = wholeHistoryFrom({ asOfDate: asOfDate(first, policy.calendar), policy });
  const symbols = symbolsWanted(universe, []);
  const archive = await readArchive({
    policy,
    dataDir,
    env,
    symbols: [
      ...new Set([
        ...symbols,
        ...events.flatMap(({ symbol, to: other }) => [symbol, other].filter((one) => one !== null)),
      ]),
    ],
    pairs: pairsWanted(policy, universe, [account.account]),
    from: began,
    to,
  });
  const series = [...(archive.eod.get(policy.market_data.provider)?.values() ?? [])].filter(({ failure }) => !failure);
  if (series.length === 0) throw nothingRead(archive, policy);
  const [pair] = pairsWanted(policy, universe, [account.account]);
  const market = brokerMarket(series, pair === undefined ? null : ratesOf(archive, policy, pair), {
    truth: rulings,
    events,
  });
  return { archive, market };
}

function ratesOf({ fx }: Archive, policy: Policy, pair: string): Rates {
  const rates = mergedRates(rateSources(policy).map((source) => fx.get(source)?.get(pair)?.rates ?? []));
  if (rates.length === 0) throw noRates(pair);
  return { pair, rates };
}

const REMEDY = { remedy: 'put the files of the days that are walked into the drop folder' };

const noRates = (pair: string) => faultError('BROKER_HAS_NO_PRICES', `${pair}: no rate could be read`, REMEDY);

function nothingRead({ eod }: Archive, { market_data: { provider } }: Policy) {
  const [first] = eod.get(provider)?.values() ?? [];
  const why = first?.failure
    ? `${first.symbol}: ${first.failure.code}: ${first.failure.message}`
    : 'no symbol is enabled';
  return faultError('BROKER_HAS_NO_PRICES', why, REMEDY);
}
