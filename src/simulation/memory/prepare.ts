import { asOfDate, sessionsBetween } from '../../domain/calendar/calendar.js';
import { dateOf, dayNumber } from '../../domain/dates.js';
import { pairsWanted, symbolsWanted } from '../../domain/market/wanted.js';
import type { IsoDate } from '../../domain/types.js';
import { wholeHistoryFrom } from '../../operations/market/fetching.js';
import type { PlannedEvent } from '../events.js';
import { loadMarket } from '../market.js';
import type { BrokerMarket } from '../broker.js';
import type { PlannedRuling } from '../rulings.js';
import { readArchive, type Archive } from './archive.js';
import type { Rules } from './desk.js';

/** Days before the first session that the broker looks back for a rate and a close. */
const LOOK_BACK_DAYS = 14;

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
  const stocks = universe.filter(({ kind }) => kind === 'stock' || kind === 'benchmark');
  const market = await loadMarket({
    policy,
    dataDir,
    env,
    symbols: stocks.map(({ internalSymbol }) => internalSymbol),
    baseCurrency: account.baseCurrency,
    listingCurrency: universe.find(({ kind }) => kind === 'stock')?.listingCurrency ?? account.baseCurrency,
    from: dateOf(dayNumber(from) - LOOK_BACK_DAYS),
    to,
    truth: rulings,
    events,
  });
  return { archive, market };
}
