import type { PerformanceReport, PerformanceTable } from '../../contract/performance.js';
import type { CsvCell } from '../../domain/csv.js';
import { csvText } from '../render/csv.js';

type Row = Record<string, CsvCell>;

/** The rows of each table, every one with the same columns. */
const ROWS: Record<PerformanceTable, (report: PerformanceReport) => Row[]> = {
  closes: ({ closes, benchmark }) =>
    closes.map((close) => ({
      close_of: close.date,
      equity: close.equity,
      cash: close.cash,
      positions: close.positions,
      inflow: close.inflow,
      outflow: close.outflow,
      return: close.return,
      growth: close.growth,
      fall: close.fall,
      [`growth of ${benchmark?.label ?? 'no benchmark'}`]: close.benchmark,
      same_deposits_in_benchmark: close.sameDeposits,
      sessions_missing_before: close.missing.join(' '),
      published_before: close.restated?.published ?? null,
      restated_because: close.restated?.because ?? null,
    })),
  contributions: ({ contributions: { symbols, interest, fees, residual, total } }) => [
    ...symbols.map((each) => ({
      what: each.symbol,
      start: each.start,
      end: each.end,
      bought: each.bought,
      sold: each.sold,
      dividends_after_tax: each.dividends,
      fees: each.fees,
      gain: each.gain,
      contribution: each.contribution,
      price_change: each.priceChange,
      currency_change: each.currencyChange,
    })),
    ...Object.entries({ interest, 'other fees': fees, residual, total }).map(([what, { gain, contribution }]) => ({
      what,
      ...BLANK,
      gain,
      contribution,
      price_change: null,
      currency_change: null,
    })),
  ],
  lines: ({ hands: { lines } }) =>
    lines.map((line) => ({
      trading_day: line.tradingDay,
      ticket: line.ticketId,
      line: line.sequence,
      symbol: line.symbol,
      side: line.side,
      units: line.units,
      currency: line.currency,
      reference_price: line.referencePrice,
      fill_price: line.fillPrice,
      executed_value: line.executedValueBase,
      slippage: line.slippage.money,
      slippage_bps: line.slippage.bps,
      rate_had: line.impliedRate,
      rate_of_day: line.dayRate,
      currency_cost: line.currencyCost?.money ?? null,
      currency_cost_bps: line.currencyCost?.bps ?? null,
    })),
  missed: ({ hands: { missed } }) =>
    missed.map((line) => ({
      trading_day: line.tradingDay,
      ticket: line.ticketId,
      line: line.sequence,
      symbol: line.symbol,
      side: line.side,
      status: line.status,
      value: line.value,
      cost_since: line.missed,
      notes: line.notes,
    })),
  deviations: ({ hands: { deviations } }) =>
    deviations.map((each) => ({
      trading_day: each.tradingDay,
      ticket: each.ticketId,
      line: each.sequence,
      symbol: each.symbol,
      kind: each.kind,
      text: each.text,
      beyond_the_limit: each.amountBase,
      reason: each.reason,
    })),
  months: ({ months }) => months.map(({ month, ...income }) => ({ month, ...incomeRow(income) })),
  years: ({ years }) =>
    years.map(({ year, realised, unrealised, ...income }) => ({ year, realised, unrealised, ...incomeRow(income) })),
};

const BLANK = { start: null, end: null, bought: null, sold: null, dividends_after_tax: null, fees: null };

const incomeRow = (income: Omit<PerformanceReport['months'][number], 'month'>): Row => ({
  dividends_gross: income.dividends,
  withholding_tax: income.withholdingTax,
  interest: income.interest,
  fees: income.fees,
  income_after_tax: income.net,
});

/** Columns of a table without rows: the heads of a spreadsheet that says "none". */
const NONE = ['nothing_in_this_period'];

/** One table of a performance as CSV, which runs nothing in a spreadsheet; of nothing, a head that says so. */
export function performanceCsv(report: PerformanceReport | null, table: PerformanceTable): string {
  const rows = report === null ? [] : ROWS[table](report);
  const first = rows[0];
  const columns = first === undefined ? NONE : Object.keys(first);
  return csvText([columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))]);
}
