/*
 * The performance of an account by plain arithmetic, from files of prices and an exported journal: it shares no code
 * with the program, and none of its arithmetic. What it gives is held against what the program says, to 1e-9.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const rowsOf = (file) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
const day = (date) => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
const penny = (amount) => Math.round(amount * 100) / 100;

/** Closes, rates and actions of a folder of downloaded files. */
function readMarket(folder, symbols) {
  const closes = Object.fromEntries(
    symbols.map((symbol) => [
      symbol,
      Object.fromEntries(rowsOf(join(folder, `${symbol}.csv`)).map((row) => [row[0], Number(row[4])])),
    ]),
  );
  const rates = Object.fromEntries(rowsOf(join(folder, 'GBPUSD_ecb.csv')).map((row) => [row[0], Number(row[3])]));
  const dividends = rowsOf(join(folder, 'dividends.csv')).map(([symbol, date, amount]) => ({
    symbol,
    date,
    amount: Number(amount),
  }));
  return { closes, rates, dividends };
}

/** Cash and units after everything up to a date. */
function booksAt(journal, date) {
  let cash = 0;
  const units = {};
  for (const entry of journal)
    if (entry.effectiveDate <= date)
      for (const { account, commodity, amount } of entry.postings) {
        if (account === 'Assets:Cash') cash += Number(amount);
        if (account === 'Assets:Units') units[commodity] = (units[commodity] ?? 0) + Number(amount);
      }
  return { cash: penny(cash), units };
}

const valueOn = (market, symbol, units, date) =>
  Math.abs(units) < 1e-9 ? 0 : penny((units * market.closes[symbol][date]) / market.rates[date]);

/** Every session of the period with a rate, with equity and flows; one without a rate is no close. */
function closesOf(market, journal, benchmark, from, to) {
  const sessions = Object.keys(market.closes[benchmark]).filter((date) => date >= from && date <= to);
  const valued = sessions.filter((date) => market.rates[date] !== undefined).toSorted();
  return valued.map((date, index) => {
    const { cash, units } = booksAt(journal, date);
    const positions = Object.entries(units).reduce((sum, [symbol, n]) => sum + valueOn(market, symbol, n, date), 0);
    const flows =
      index === 0
        ? []
        : journal
            .filter(
              ({ kind, effectiveDate }) =>
                (kind === 'DEPOSIT' || kind === 'WITHDRAWAL') &&
                effectiveDate > valued[index - 1] &&
                effectiveDate <= date,
            )
            .map(({ effectiveDate, postings }) => ({
              date: effectiveDate,
              amount: Number(postings.find(({ account }) => account === 'Assets:Cash').amount),
            }));
    return { date, equity: penny(cash + positions), positions: penny(positions), rate: market.rates[date], flows };
  });
}

const sum = (list) => list.reduce((total, each) => total + each, 0);
const paidIn = ({ flows }) => sum(flows.map(({ amount }) => Math.max(0, amount)));
const paidOut = ({ flows }) => sum(flows.map(({ amount }) => Math.max(0, -amount)));

/** The one rate by halving; the flows of the test have one. */
function rateOf(flows) {
  const first = day(flows[0].date);
  const worth = (rate) => sum(flows.map(({ date, amount }) => amount / (1 + rate) ** ((day(date) - first) / 365)));
  let [low, high] = [-0.99, 10];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (worth(low) * worth(middle) <= 0) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

/** Growth of the benchmark with its dividends reinvested at the closes of their ex-dates, in pounds. */
function benchmarkGrowth(market, symbol, dates, withholding) {
  const sessions = Object.keys(market.closes[symbol]).toSorted();
  let [shares, begun] = [1, null];
  const found = {};
  for (const date of sessions) {
    if (date < dates[0] || date > dates.at(-1)) continue;
    const close = market.closes[symbol][date];
    if (begun !== null)
      for (const dividend of market.dividends)
        if (dividend.symbol === symbol && dividend.date === date)
          shares += (shares * dividend.amount * (1 - withholding)) / close;
    if (market.rates[date] === undefined) continue;
    const worth = (shares * close) / market.rates[date];
    begun ??= worth;
    found[date] = worth / begun;
  }
  return found;
}

export function independentPerformance({ folder, symbols, benchmark, withholding, journal, fills, from, to }) {
  const market = readMarket(folder, [...symbols, benchmark]);
  const closes = closesOf(market, journal, benchmark, from, to);
  const [first, last] = [closes[0], closes.at(-1)];
  const growth = benchmarkGrowth(
    market,
    benchmark,
    closes.map(({ date }) => date),
    withholding,
  );
  const returns = closes
    .slice(1)
    .map((close, i) => (close.equity + paidOut(close)) / (closes[i].equity + paidIn(close)) - 1);
  let [index, peak, deepest, currency, deposits] = [1, 1, 0, 1, first.equity];
  for (const [i, each] of returns.entries()) {
    const [before, close] = [closes[i], closes[i + 1]];
    index *= 1 + each;
    peak = Math.max(peak, index);
    deepest = Math.min(deepest, index / peak - 1);
    currency *= 1 + (before.positions * (before.rate / close.rate - 1)) / (before.equity + paidIn(close));
    deposits = ((deposits + paidIn(close)) * growth[close.date]) / growth[before.date] - paidOut(close);
  }
  const mean = sum(returns) / returns.length;
  const flows = closes.flatMap((close) => close.flows);
  const days = day(last.date) - day(first.date);
  const average = first.equity + sum(flows.map(({ date, amount }) => (amount * (day(last.date) - day(date))) / days));
  const gain = last.equity - first.equity - sum(flows.map(({ amount }) => amount));
  const inPeriod = journal.filter(({ effectiveDate }) => effectiveDate > first.date && effectiveDate <= last.date);
  const cashOf = (symbol, kinds) =>
    sum(
      inPeriod
        .filter((entry) => entry.symbol === symbol && kinds.includes(entry.kind))
        .flatMap(({ postings }) => postings.filter(({ account }) => account === 'Assets:Cash'))
        .map(({ amount }) => Number(amount)),
    );
  const heldAt = (symbol, date) => valueOn(market, symbol, booksAt(journal, date).units[symbol] ?? 0, date);
  return {
    closes: closes.length,
    equityEnd: last.equity,
    timeWeighted: index - 1,
    annual: index ** (365 / days) - 1,
    drawdown: deepest,
    volatility: Math.sqrt((sum(returns.map((each) => (each - mean) ** 2)) / (returns.length - 1)) * 252),
    currency: currency - 1,
    local: index / currency - 1,
    benchmark: growth[last.date] - 1,
    relative: index / growth[last.date] - 1,
    sameDeposits: deposits,
    moneyWeighted: rateOf([
      { date: first.date, amount: -first.equity },
      ...flows.map(({ date, amount }) => ({ date, amount: -amount })),
      { date: last.date, amount: last.equity },
    ]),
    modifiedDietz: gain / average,
    contributions: Object.fromEntries(
      symbols.map((symbol) => [
        symbol,
        (heldAt(symbol, last.date) - heldAt(symbol, first.date) + cashOf(symbol, ['FILL', 'DIVIDEND', 'FEE'])) /
          average,
      ]),
    ),
    slippage: sum(
      fills.map(({ side, units, price, reference, ticketRate }) =>
        penny((((price - reference) * units) / ticketRate) * (side === 'BUY' ? 1 : -1)),
      ),
    ),
    currencyCost: sum(
      fills
        .filter(({ date }) => market.rates[date] !== undefined)
        .map(({ side, units, price, value, date }) =>
          penny((value - (units * price) / market.rates[date]) * (side === 'BUY' ? 1 : -1)),
        ),
    ),
  };
}
