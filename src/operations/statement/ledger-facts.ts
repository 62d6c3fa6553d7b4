import { actionsQuestion, rulingsQuestion } from '../../db/actions.js';
import type { Db } from '../../db/connect.js';
import { journal } from '../../db/journal.js';
import { askTogether } from '../../db/questions.js';
import { ratesFrom } from '../../db/quotes.js';
import { eventsBeside, periodsTold, tradeTickets } from '../../db/statements.js';
import { dateOf, dayNumber } from '../../domain/dates.js';
import { effectiveActions } from '../../domain/market/actions.js';
import { rateSources } from '../../domain/market/rates.js';
import { ROW_DAYS_MAX } from '../../domain/statement/compare/edges.js';
import { MOVEMENT_DAYS, type LedgerFacts } from '../../domain/statement/compare/facts.js';
import { toldUntil } from '../../domain/statement/overlap.js';
import { EVENT_KINDS, type EventKind, type Statement } from '../../domain/statement/statement.js';
import type { DecimalString, IsoDate } from '../../domain/types.js';
import type { Admitted } from '../installation.js';

/** Ex-dates lie so many days at most before what is paid on them, and tickets before what was ordered by them. */
const BEFORE_DAYS = 90;
/** A rate is of its date and of some sessions after it, over a long weekend too; what is older says nothing. */
const RATE_DAYS = 5;

/** A baseline of so long after the period may have taken in a trade of which another statement tells. */
const TRADE_DAYS = 1_100;
const TRADES: readonly EventKind[] = ['OPEN', 'CLOSE'];
const NO_TRADES = EVENT_KINDS.filter((kind) => !TRADES.includes(kind));

/** What a statement is held against: the account's ledger, and what is known of the market in its period. */
export async function ledgerFactsOf(
  db: Db,
  { account, configuration: { policy } }: Pick<Admitted, 'account' | 'configuration'>,
  statement: Statement,
): Promise<LedgerFacts> {
  const { from, to, currency, events } = statement;
  const beside = (days: number, kinds: readonly EventKind[]) =>
    eventsBeside(db, account.account, { from, until: toldUntil(statement), currency }, { days, kinds });
  const entries = await journal(db, account.account);
  const symbols = [...new Set(events.flatMap(({ symbol }) => symbol ?? []))];
  const [start, end] = [dateOf(dayNumber(from.slice(0, 10)) - BEFORE_DAYS), dateOf(dayNumber(to.slice(0, 10)) + 7)];
  const [actions, rulings] = await askTogether(
    db,
    actionsQuestion(db, { source: policy.market_data.provider, symbols, from: start, to: end }),
    rulingsQuestion(db, symbols),
  );
  const rates = await ratesFrom(db, rateSources(policy), account.baseCurrency, end);
  const known = new Map<IsoDate, DecimalString | null>();
  return {
    account: account.account,
    baseCurrency: account.baseCurrency,
    entries,
    rateOn: (date) => {
      const rate = known.has(date)
        ? (known.get(date) ?? null)
        : rates(currency, date, dateOf(dayNumber(date) - RATE_DAYS));
      known.set(date, rate);
      return rate;
    },
    actions: effectiveActions(actions, rulings),
    // A fill may be of a ticket from before the period: a day waits for its confirmation as long as it takes.
    tickets: await tradeTickets(db, { account: account.account, from: start, to: end }),
    unitsTolerance: String(policy.reconciliation.units_tolerance),
    others: await periodsTold(db, account.account, currency),
    toldBeside: await beside(Math.max(MOVEMENT_DAYS, ROW_DAYS_MAX), NO_TRADES),
    tradesBeside: await beside(TRADE_DAYS, TRADES),
  };
}
