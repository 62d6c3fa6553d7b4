import { sharedSigner } from '../support/signing.js';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Asker } from '../../src/contract/asker.js';
import { openAccount as openInDatabase } from '../../src/db/accounts.js';
import { connect } from '../../src/db/connect.js';
import { ledgerState } from '../../src/db/journal.js';
import { killSwitchState } from '../../src/db/kill-switch.js';
import { resultOrThrow, type Outcome } from '../../src/domain/errors.js';
import { INSTALLATION_KEY_FILE } from '../../src/domain/signing/keys.js';
import { isPlainText } from '../../src/domain/text.js';
import { openAccount } from '../../src/operations/accounts/open.js';
import { acknowledgeAlert } from '../../src/operations/alerts/acknowledge.js';
import { removePast } from '../../src/operations/files/remove-past.js';
import { engageKillSwitch, resetKillSwitch } from '../../src/operations/guard/kill-switch.js';
import { bookCash } from '../../src/operations/ledger/book-cash.js';
import { bookCashInLieu } from '../../src/operations/ledger/book-cash-in-lieu.js';
import { bookCashMerger } from '../../src/operations/ledger/book-cash-merger.js';
import { bookDelisting } from '../../src/operations/ledger/book-delisting.js';
import { bookRename } from '../../src/operations/ledger/book-rename.js';
import { bookSpinOff } from '../../src/operations/ledger/book-spin-off.js';
import { bookStockMerger } from '../../src/operations/ledger/book-stock-merger.js';
import { bookDividend } from '../../src/operations/ledger/book-dividend.js';
import { bookSplit } from '../../src/operations/ledger/book-split.js';
import { reverseEntry } from '../../src/operations/ledger/reverse-entry.js';
import { setBaseline } from '../../src/operations/ledger/set-baseline.js';
import { fetchMarket } from '../../src/operations/market/fetch-apart.js';
import { judgeMarket } from '../../src/operations/market/judge-apart.js';
import { ruleAction } from '../../src/operations/market/rule.js';
import { listTables } from '../../src/operations/setup/list-tables.js';
import { cliHere } from '../support/cli-here.js';
import { createEmptyDatabase } from '../support/database.js';
import { cleanEnvironment } from '../support/servers.js';
import { fingerprint } from '../support/unchanged.js';
import { row } from '../unit/fixtures/closes-2014.js';
import { goodFacts } from '../unit/fixtures/facts-2014.js';
import { asks, createLedger, policy, writeConfiguration, type Ledger } from './ledger.fixture.js';

/**
 * Every refusal of these operations, through the command line and by a direct call: the same code, and nothing stored.
 */
const AT = '2014-07-01T08:00:00.000Z';
const SLOW_MS = 300_000;
type Input = Record<string, unknown>;
type Flags = Record<string, string | string[] | true | undefined>;

interface Operation {
  /** Without the account, unless it is what is opened. */
  good: Input;
  call(asker: Asker, input: Input): Promise<Outcome<unknown>>;
  words(input: Input): { words: string[]; flags: Flags };
}

let ledger: Ledger;
let env: NodeJS.ProcessEnv;
const operation = <I extends Input>(
  run: (installation: Ledger['installation'], asker: Asker, input: never) => Promise<Outcome<unknown>>,
  good: I,
  words: (input: I) => { words: string[]; flags: Flags },
): Operation => ({
  good,
  call: (asker, input) => run(ledger.installation, asker, input as never),
  words: (input) => words(input as I),
});
const text = (value: unknown) => value as string | undefined;
const figures = (named: unknown) =>
  Object.entries((named ?? {}) as Record<string, string>).map(([symbol, figure]) => `${symbol}=${figure}`);

const OPERATIONS = {
  deposit: operation(
    bookCash,
    { account: 'main', kind: 'DEPOSIT', amount: '10', date: '2014-06-20' } as Input,
    ({ amount, date, notes, another, kind }) => ({
      words: ['cash', kind === 'WITHDRAWAL' ? 'withdraw' : 'deposit'],
      flags: { amount: text(amount), date: text(date), notes: text(notes), another: another === true || undefined },
    }),
  ),
  dividend: operation(
    bookDividend,
    { account: 'main', symbol: 'KO', exDate: '2014-06-12' } as Input,
    ({ symbol, exDate, type, paidOn, net, amount, units, fx, withholding }) => ({
      words: ['ledger', 'dividend'],
      flags: {
        symbol: text(symbol),
        type: text(type),
        'ex-date': text(exDate),
        'paid-on': text(paidOn),
        net: text(net),
        amount: text(amount),
        units: text(units),
        fx: text(fx),
        withholding: text(withholding),
      },
    }),
  ),
  split: operation(
    bookSplit,
    { account: 'main', symbol: 'AAPL', exDate: '2014-06-09' } as Input,
    ({ symbol, exDate, ratio }) => ({
      words: ['ledger', 'split'],
      flags: { symbol: text(symbol), 'ex-date': text(exDate), ratio: text(ratio) },
    }),
  ),
  interest: operation(
    bookCash,
    { account: 'main', kind: 'INTEREST', amount: '34.20', date: '2014-06-20' } as Input,
    ({ amount, date, notes }) => ({
      words: ['ledger', 'interest'],
      flags: { amount: text(amount), date: text(date), notes: text(notes) },
    }),
  ),
  rename: operation(
    bookRename,
    { account: 'main', symbol: 'KO', to: 'MSFT', date: '2014-06-20' } as Input,
    ({ symbol, to, date }) => ({
      words: ['ledger', 'rename'],
      flags: { symbol: text(symbol), to: text(to), date: text(date) },
    }),
  ),
  cashMerger: operation(
    bookCashMerger,
    { account: 'main', symbol: 'KO', date: '2014-06-20', net: '9000' } as Input,
    ({ symbol, date, net, amount, fx }) => ({
      words: ['ledger', 'cash-merger'],
      flags: { symbol: text(symbol), date: text(date), net: text(net), amount: text(amount), fx: text(fx) },
    }),
  ),
  delisting: operation(
    bookDelisting,
    { account: 'main', symbol: 'KO', date: '2014-06-20' } as Input,
    ({ symbol, date, net, amount, fx }) => ({
      words: ['ledger', 'delisting'],
      flags: { symbol: text(symbol), date: text(date), net: text(net), amount: text(amount), fx: text(fx) },
    }),
  ),
  stockMerger: operation(
    bookStockMerger,
    { account: 'main', symbol: 'KO', to: 'MSFT', ratio: '0.5', date: '2014-06-20' } as Input,
    ({ symbol, to, ratio, date, net, amount, fx, costShare }) => ({
      words: ['ledger', 'stock-merger'],
      flags: {
        symbol: text(symbol),
        to: text(to),
        ratio: text(ratio),
        date: text(date),
        net: text(net),
        amount: text(amount),
        fx: text(fx),
        'cost-share': text(costShare),
      },
    }),
  ),
  spinOff: operation(
    bookSpinOff,
    { account: 'main', symbol: 'KO', to: 'MSFT', ratio: '0.5', exDate: '2014-06-20' } as Input,
    ({ symbol, to, ratio, exDate, costShare }) => ({
      words: ['ledger', 'spin-off'],
      flags: {
        symbol: text(symbol),
        to: text(to),
        ratio: text(ratio),
        'ex-date': text(exDate),
        'cost-share': text(costShare),
      },
    }),
  ),
  cashInLieu: operation(
    bookCashInLieu,
    { account: 'main', symbol: 'KO', date: '2014-06-20', net: '12.50', units: '0.5' } as Input,
    ({ symbol, date, net, units }) => ({
      words: ['ledger', 'cash-in-lieu'],
      flags: { symbol: text(symbol), date: text(date), net: text(net), units: text(units) },
    }),
  ),
  reversal: operation(
    reverseEntry,
    { account: 'main', entry: 2, reason: 'by mistake' } as Input,
    ({ entry, reason }) => ({
      words: ['ledger', 'reverse'],
      flags: { entry: String(entry), reason: text(reason) },
    }),
  ),
  baseline: operation(
    setBaseline,
    { account: 'main', cash: '900', reason: 'read again' } as Input,
    ({ cash, positions, costs, date, reason }) => ({
      words: ['ledger-baseline'],
      flags: {
        cash: text(cash),
        position: figures(positions),
        cost: figures(costs),
        date: text(date),
        reason: text(reason),
      },
    }),
  ),
  engage: operation(engageKillSwitch, { account: 'main', reason: 'odd prices' } as Input, ({ reason }) => ({
    words: ['kill-switch', 'engage'],
    flags: { reason: text(reason) },
  })),
  reset: operation(resetKillSwitch, { account: 'main', reason: 'looked at' } as Input, ({ reason }) => ({
    words: ['kill-switch', 'reset'],
    flags: { reason: text(reason) },
  })),
  ruling: operation(
    ruleAction,
    { account: 'main', symbol: 'KO', exDate: '2014-06-12', kind: 'DIVIDEND', as: 'ignore', reason: 'none' } as Input,
    ({ symbol, exDate, kind, as, value, reason }) => ({
      words: ['actions', 'rule'],
      flags: {
        symbol: text(symbol),
        'ex-date': text(exDate),
        kind: String(kind).toLowerCase(),
        as: text(as),
        value: text(value),
        reason: text(reason),
      },
    }),
  ),
  acknowledgement: operation(
    acknowledgeAlert,
    { account: 'main', alertId: '12345678', reason: 'seen' } as Input,
    ({ alertId, reason }) => ({ words: ['alerts', 'ack', String(alertId)], flags: { reason: text(reason) } }),
  ),
  fetch: operation(
    (place, asker, input: never) => fetchMarket({ ...place, env: {} }, asker, input),
    { account: 'main', runId: '9f0e7b5e-5a9d-4b57-8a2e-0d1a3c2b1f00', symbols: ['KO'] } as Input,
    ({ symbols }) => ({ words: ['market-fetch'], flags: { symbol: symbols as string[] } }),
  ),
  judgement: operation(
    judgeMarket,
    { account: 'main', runId: '9f0e7b5e-5a9d-4b57-8a2e-0d1a3c2b1f00' } as Input,
    () => ({ words: ['data-quality'], flags: {} }),
  ),
  retention: operation(removePast, { account: 'main' } as Input, () => ({
    words: ['artifacts-retention'],
    flags: { yes: true },
  })),
  account: operation(
    openAccount,
    { account: 'more', baseCurrency: 'GBP', clock: 'simulated' } as Input,
    ({ account, baseCurrency, clock }) => ({
      words: ['account', 'add', String(account)],
      flags: { 'base-currency': text(baseCurrency), clock: text(clock) },
    }),
  ),
} satisfies Record<string, Operation>;
type Name = keyof typeof OPERATIONS;

const config = () => ledger.installation.configDir;
/** TWTR came to the exchange and has no price here yet. */
const universe = [...goodFacts().universe, row('TWTR', { etoroSearchName: 'Twitter' })];
const withAccounts = (accounts: (typeof policy)['accounts']) =>
  writeConfiguration(config(), { ...policy, accounts }, universe);
const ACCOUNTS: (typeof policy)['accounts'] = {
  main: { base_currency: 'GBP', clock: 'simulated' },
  spare: { base_currency: 'GBP', clock: 'simulated' },
  house: { base_currency: 'GBP', clock: 'real' },
  fresh: { base_currency: 'GBP', clock: 'simulated' },
  /** No rate from its currency is stored. */
  euro: { base_currency: 'EUR', clock: 'simulated' },
};
/** Half of what KO costs: nobody believes it before a human has ruled. */
const ON_HOLD = { symbol: 'KO', exDate: '2014-06-20' };

beforeAll(async () => {
  ledger = await createLedger();
  withAccounts(ACCOUNTS);
  await openInDatabase(ledger.db, { account: 'fresh', baseCurrency: 'GBP', clock: 'simulated' }, 'ann', AT);
  await openInDatabase(ledger.db, { account: 'house', baseCurrency: 'GBP', clock: 'real' }, 'ann', AT);
  await openInDatabase(ledger.db, { account: 'euro', baseCurrency: 'EUR', clock: 'simulated' }, 'ann', AT);
  await ledger.db('corporate_actions').insert({
    source: 'csv',
    symbol: ON_HOLD.symbol,
    ex_date: ON_HOLD.exDate,
    kind: 'DIVIDEND',
    value: '20.5',
    published: '20.5',
    currency: 'USD',
    payload_sha256: 'f'.repeat(64),
    retrieved_at: AT,
  });
  env = cleanEnvironment({
    DATABASE_URL: ledger.database.appUrl,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    TRADING_OPS_DATA: ledger.installation.dataDir,
    TRADING_OPS_CONFIG: config(),
    TRADING_OPS_OPERATOR: 'ann',
  });
  for (const account of ['main', 'euro']) {
    const opening = { account, cash: '1000', positions: { AAPL: '10', KO: '400' }, reason: 'as eToro shows' };
    resultOrThrow(await setBaseline(ledger.installation, asks('2014-06-03T07:00:00.000Z'), opening));
  }
  resultOrThrow(
    await bookCash(ledger.installation, asks('2014-06-05T07:00:00.000Z'), {
      account: 'main',
      kind: 'DEPOSIT',
      amount: '5',
      notes: 'once',
    }),
  );
});
afterAll(() => ledger.close());

const typed = (name: Name, input: Input, extra: string[]): string[] => {
  const { words, flags } = OPERATIONS[name].words(input);
  const spelled = Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : value === true ? [`--${flag}`] : [value].flat().map((one) => `--${flag}=${one}`),
  );
  return [...words, ...spelled, ...extra];
};
const ops = async (words: string[], own: NodeJS.ProcessEnv = {}) => {
  const { code: exitCode, stdout, stderr } = await cliHere({ env }, words, { env: own });
  return { exitCode, stdout, stderr };
};
const codeOf = (outcome: Outcome<unknown>) => (outcome.ok ? 'DONE' : outcome.refusal.code);
const EXIT = { usage: 64, refused: 2 };

const BIDI = 'all \u202Ewell';
const HOSTILE = [BIDI, 'x'.repeat(501), 'a\0b', 'a\uD800b', '__proto__\u0000', '   '];
const hostile = (name: Name, field: string): [Name, string, Input, string][] => [
  [name, `${field} with turned direction`, { [field]: BIDI }, 'ARGUMENT_INVALID'],
  [name, `${field} too long`, { [field]: 'x'.repeat(501) }, 'ARGUMENT_INVALID'],
  [name, `${field} with NUL`, { [field]: 'a\0b' }, 'ARGUMENT_INVALID'],
  [name, `${field} with half a character`, { [field]: 'a\uD800b' }, 'ARGUMENT_INVALID'],
];

/** Operation, what is wrong, the input's difference, the code. */
const REFUSED: [Name, string, Input, string][] = [
  ['deposit', 'a negative amount', { amount: '-5' }, 'ARGUMENT_INVALID'],
  ['deposit', 'nothing', { amount: '0' }, 'ARGUMENT_INVALID'],
  ['deposit', 'an amount in tenths of pennies', { amount: '5.001' }, 'ARGUMENT_INVALID'],
  ['deposit', 'no such day', { date: '2014-02-30' }, 'ARGUMENT_INVALID'],
  ['deposit', 'a day to come', { date: '2031-01-01' }, 'DATE_INVALID'],
  ['deposit', 'a day before the opening', { date: '2014-06-02' }, 'DATE_INVALID'],
  ['deposit', 'the same again', { amount: '5', date: '2014-06-05', notes: 'once' }, 'ALREADY_BOOKED'],
  ['deposit', 'more out than there is', { kind: 'WITHDRAWAL', amount: '1005.01' }, 'CASH_WOULD_BE_NEGATIVE'],
  ...hostile('deposit', 'notes'),
  ['dividend', 'a small symbol', { symbol: 'ko' }, 'ARGUMENT_INVALID'],
  ['dividend', 'an ex-date to come', { exDate: '2014-07-02' }, 'DATE_INVALID'],
  ['dividend', 'paid tomorrow', { paidOn: '2014-07-02' }, 'DATE_INVALID'],
  ['dividend', 'paid before the opening', { paidOn: '2014-06-02' }, 'DATE_INVALID'],
  ['dividend', 'net and a rate', { net: '5', fx: '1.7' }, 'ARGUMENT_INVALID'],
  ['dividend', 'more than half withheld', { withholding: '0.51' }, 'ARGUMENT_INVALID'],
  ['dividend', 'a rate of nothing', { fx: '0' }, 'ARGUMENT_INVALID'],
  ['dividend', 'one that no source told of', { exDate: '2014-06-13' }, 'ACTION_UNKNOWN'],
  ['dividend', 'of what was not held', { symbol: 'JPM', exDate: '2014-04-02' }, 'NOTHING_HELD'],
  ['dividend', 'long ago, before any calendar', { symbol: 'JPM', exDate: '0001-01-01' }, 'NOTHING_HELD'],
  ['dividend', 'of a year that never was', { exDate: '0000-06-01' }, 'ARGUMENT_INVALID'],
  ['dividend', 'of a symbol nobody knows', { symbol: 'NOPE', net: '5' }, 'SYMBOL_UNKNOWN'],
  ['dividend', 'a type of none', { type: 'extra' }, 'ARGUMENT_INVALID'],
  ['dividend', 'a special one that no source told of', { type: 'special' }, 'ACTION_UNKNOWN'],
  ['dividend', 'one that is on hold', ON_HOLD, 'ACTION_NEEDS_REVIEW'],
  [
    'dividend',
    'a stored one of before any rate',
    { symbol: 'JPM', exDate: '2014-04-02', units: '5', paidOn: '2014-06-20' },
    'FX_MISSING',
  ],
  ['interest', 'nothing', { amount: '0' }, 'ARGUMENT_INVALID'],
  ['interest', 'a day to come', { date: '2031-01-01' }, 'DATE_INVALID'],
  ...hostile('interest', 'notes'),
  ['rename', 'a small symbol', { to: 'msft' }, 'ARGUMENT_INVALID'],
  ['rename', 'a symbol nobody knows', { to: 'NOPE' }, 'SYMBOL_UNKNOWN'],
  ['rename', 'its own name', { to: 'KO' }, 'ARGUMENT_INVALID'],
  ['rename', 'no such day', { date: '2014-02-30' }, 'ARGUMENT_INVALID'],
  ['rename', 'a day to come', { date: '2031-01-01' }, 'DATE_INVALID'],
  ['rename', 'before the opening', { date: '2014-06-02' }, 'DATE_INVALID'],
  ['rename', 'of what is not held', { symbol: 'JPM' }, 'NOTHING_HELD'],
  ['cashMerger', 'neither what arrived nor the cash a share', { net: undefined }, 'ARGUMENT_INVALID'],
  ['cashMerger', 'both of them', { amount: '40' }, 'ARGUMENT_INVALID'],
  ['cashMerger', 'negative cash', { net: '-5' }, 'ARGUMENT_INVALID'],
  ['cashMerger', 'a rate of nothing', { net: undefined, amount: '40', fx: '0' }, 'ARGUMENT_INVALID'],
  ['cashMerger', 'of what is not held', { symbol: 'JPM' }, 'NOTHING_HELD'],
  ['cashMerger', 'a day to come', { date: '2031-01-01' }, 'DATE_INVALID'],
  [
    'cashMerger',
    'in a currency that nobody has a rate for',
    { account: 'euro', net: undefined, amount: '40' },
    'FX_MISSING',
  ],
  ['delisting', 'a rate that converts nothing', { fx: '1.7' }, 'ARGUMENT_INVALID'],
  ['delisting', 'of what is not held', { symbol: 'JPM' }, 'NOTHING_HELD'],
  ['delisting', 'before the opening', { date: '2014-06-02' }, 'DATE_INVALID'],
  ['delisting', 'in a currency that nobody has a rate for', { account: 'euro', amount: '1' }, 'FX_MISSING'],
  ['stockMerger', 'in a currency that nobody has a rate for', { account: 'euro', amount: '1' }, 'FX_MISSING'],
  ['stockMerger', 'with cash, into what has no price', { to: 'TWTR', net: '5' }, 'COST_SHARE_MISSING'],
  ['spinOff', 'of what has no price', { to: 'TWTR' }, 'COST_SHARE_MISSING'],
  ['stockMerger', 'by nothing', { ratio: '0' }, 'ARGUMENT_INVALID'],
  ['stockMerger', 'a part of the cost without cash', { costShare: '0.5' }, 'ARGUMENT_INVALID'],
  ['stockMerger', 'more than the whole cost', { net: '5', costShare: '1.1' }, 'ARGUMENT_INVALID'],
  ['stockMerger', 'a symbol nobody knows', { to: 'NOPE' }, 'SYMBOL_UNKNOWN'],
  ['stockMerger', 'of today, which has no prices', { date: '2014-07-01' }, 'EVENT_TOO_EARLY'],
  ['spinOff', 'by nothing', { ratio: '0' }, 'ARGUMENT_INVALID'],
  ['spinOff', 'a cost in words', { costShare: 'half' }, 'ARGUMENT_INVALID'],
  ['spinOff', 'of what is not held', { symbol: 'JPM' }, 'NOTHING_HELD'],
  ['spinOff', 'of today, which has no prices', { exDate: '2014-07-01' }, 'EVENT_TOO_EARLY'],
  ['cashInLieu', 'no cash', { net: '0' }, 'ARGUMENT_INVALID'],
  ['cashInLieu', 'units in sevenths decimals', { units: '0.1234567' }, 'ARGUMENT_INVALID'],
  ['cashInLieu', 'of a fraction that is not there', { units: undefined }, 'NOTHING_HELD'],
  ['cashInLieu', 'of more than is held', { units: '401' }, 'UNITS_WOULD_BE_NEGATIVE'],
  ['split', 'of a day whose dividend is on hold', ON_HOLD, 'ACTION_NEEDS_REVIEW'],
  ['split', 'long ago', { exDate: '0001-01-01' }, 'SPLIT_BEFORE_OPENING'],
  ['split', 'by nothing', { ratio: '0' }, 'ARGUMENT_INVALID'],
  ['split', 'that changes nothing', { ratio: '1' }, 'ARGUMENT_INVALID'],
  ['split', 'to come', { exDate: '2031-01-01', ratio: '2' }, 'DATE_INVALID'],
  ['split', 'of today, which has no prices', { exDate: '2014-07-01', ratio: '2' }, 'SPLIT_TOO_EARLY'],
  ['split', 'before the opening', { exDate: '2014-06-02', ratio: '2' }, 'SPLIT_BEFORE_OPENING'],
  ['split', 'of what is not held', { symbol: 'MSFT', ratio: '2' }, 'NOTHING_HELD'],
  ['reversal', 'an entry in words', { entry: 'abc' }, 'ARGUMENT_INVALID'],
  ['reversal', 'entry 0', { entry: 0 }, 'ARGUMENT_INVALID'],
  ['reversal', 'an entry that is not there', { entry: 999 }, 'ENTRY_UNKNOWN'],
  ['reversal', 'the opening', { entry: 1 }, 'ENTRY_NOT_REVERSIBLE'],
  ['reversal', 'no reason', { reason: '  ' }, 'ARGUMENT_INVALID'],
  ...hostile('reversal', 'reason'),
  ['baseline', 'negative cash', { cash: '-1' }, 'ARGUMENT_INVALID'],
  ['baseline', 'a name of every object', { positions: Object.fromEntries([['__proto__', '1']]) }, 'ARGUMENT_INVALID'],
  [
    'baseline',
    'more symbols than anybody holds',
    { positions: Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`S${index}`, '1'])) },
    'ARGUMENT_INVALID',
  ],
  ['baseline', 'a symbol nobody can price', { positions: { NOPE: '1' } }, 'ARGUMENT_INVALID'],
  ['baseline', 'units in sevenths decimals', { positions: { KO: '1.1234567' } }, 'ARGUMENT_INVALID'],
  ['baseline', 'a cost of what is not held', { costs: { MSFT: '1' } }, 'NOTHING_HELD'],
  ['baseline', 'a day to come', { date: '2014-07-02' }, 'DATE_INVALID'],
  ['baseline', 'a day before the opening', { date: '2014-06-02' }, 'DATE_INVALID'],
  ['baseline', 'no reason', { reason: '' }, 'ARGUMENT_INVALID'],
  ['engage', 'no reason', { reason: ' ' }, 'ARGUMENT_INVALID'],
  ...hostile('engage', 'reason'),
  ['reset', 'no reason', { reason: ' ' }, 'ARGUMENT_INVALID'],
  ['ruling', 'a symbol nobody knows', { symbol: 'NOPE' }, 'SYMBOL_UNKNOWN'],
  ['ruling', 'a day that does not exist', { exDate: '2014-02-30' }, 'ARGUMENT_INVALID'],
  ['ruling', 'a year that never was', { exDate: '0000-06-01' }, 'ARGUMENT_INVALID'],
  ['ruling', 'a value for nothing', { value: '2' }, 'VALUE_UNEXPECTED'],
  ['ruling', 'a split without its ratio', { as: 'split' }, 'VALUE_MISSING'],
  ['ruling', 'a split by nothing', { as: 'split', value: '0' }, 'ARGUMENT_INVALID'],
  ['ruling', 'no reason', { reason: ' ' }, 'ARGUMENT_INVALID'],
  ['ruling', 'a day to come', { exDate: '2031-01-01' }, 'DATE_INVALID'],
  ['ruling', 'a published dividend called genuine', { as: 'genuine' }, 'FLAGS_INVALID'],
  ['ruling', 'a jump where there was none', { kind: 'JUMP', as: 'genuine', exDate: '2014-06-13' }, 'JUMP_UNKNOWN'],
  ['dividend', 'of less than a penny', { amount: '0.0001', units: '1', fx: '1.7' }, 'DIVIDEND_TOO_SMALL'],
  ['fetch', 'a symbol that is none', { symbols: ['ko'] }, 'ARGUMENT_INVALID'],
  ['fetch', 'a symbol nobody knows', { symbols: ['NOPE'] }, 'SYMBOL_UNKNOWN'],
  ['acknowledgement', 'no id', { alertId: 'nonsense' }, 'ALERT_ID_INVALID'],
  ['acknowledgement', 'an alert that is not there', {}, 'ALERT_UNKNOWN'],
  ['acknowledgement', 'no reason', { reason: ' ' }, 'ARGUMENT_INVALID'],
  ['account', 'a currency nobody offers', { baseCurrency: 'XXX' }, 'ARGUMENT_INVALID'],
  ['account', 'a name in capitals', { account: 'MORE' }, 'ARGUMENT_INVALID'],
  ['account', 'a clock of another kind', { clock: 'sundial' }, 'ARGUMENT_INVALID'],
  ['account', 'one that is there, otherwise', { account: 'house', clock: 'simulated' }, 'ACCOUNT_DIFFERS'],
];

/** No argument of a program can hold it. */
const isTypable = (input: Input) =>
  !Object.values(input).some((value) => typeof value === 'string' && /\0|\p{Cs}/u.test(value));
/** Commands without --account or --at. */
const extras = (name: Name, account?: string): string[] => [
  ...(name === 'account' ? [] : ['--at', AT]),
  ...(account === undefined || name === 'account' || name === 'ruling' ? [] : ['--account', account]),
];

describe('what one door refuses, the other refuses with the same code, and nothing is stored', () => {
  it.each(REFUSED)(
    '%s: %s',
    async (name, _what, changes, code) => {
      const { good, call } = OPERATIONS[name];
      const input = { ...good, ...changes };
      const before = await fingerprint(ledger.db);
      const outcome = await call(asks(AT), input);
      expect([codeOf(outcome), outcome.ok ? '' : outcome.refusal.message]).toEqual([
        code,
        expect.not.stringMatching(/[\0\u202E]|select|insert/),
      ]);
      if (isTypable(input)) {
        const answer = await ops(typed(name, input, extras(name, text(changes['account']))));
        expect(answer).toMatchObject({
          exitCode: outcome.ok ? 0 : EXIT[outcome.refusal.kind],
          stderr: expect.stringContaining(`${code}: ${outcome.ok ? '' : outcome.refusal.message}`),
        });
      }
      expect(await fingerprint(ledger.db)).toEqual(before);
    },
    SLOW_MS,
  );

  it.each(Object.keys(OPERATIONS) as Name[])(
    '%s: an operator, an account or a field that nobody knows',
    async (name) => {
      const { good, call } = OPERATIONS[name];
      const before = await fingerprint(ledger.db);
      expect(codeOf(await call(asks(AT, 'mallory'), good))).toBe('OPERATOR_UNKNOWN');
      expect(await ops([...typed(name, good, extras(name)), '--operator', 'mallory'])).toMatchObject({
        exitCode: 64,
        stderr: expect.stringMatching(/^OPERATOR_UNKNOWN: /),
      });
      expect(codeOf(await call(asks(AT), { ...good, extra: 1 }))).toBe('ARGUMENT_INVALID');
      for (const wrong of [null, 'text', [], 5])
        expect(codeOf(await call(asks(AT), wrong as never))).toBe('ARGUMENT_INVALID');
      for (const field of Object.keys(good))
        expect([field, codeOf(await call(asks(AT), { ...good, [field]: { deep: [] } }))]).toEqual([
          field,
          'ARGUMENT_INVALID',
        ]);
      if (name !== 'account')
        expect(codeOf(await call(asks(AT), { ...good, account: 'savings' }))).toBe('ACCOUNT_UNKNOWN');
      const texts = Object.keys(good).filter((field) => typeof good[field] === 'string');
      for (const [field, hostileText] of texts.flatMap((each) => HOSTILE.map((one) => [each, one] as const))) {
        const outcome = await call(asks(AT), { ...good, [field]: hostileText });
        const looked = field === 'alertId' || (field === 'account' && name !== 'account');
        const codes = looked ? ['ARGUMENT_INVALID', 'ACCOUNT_UNKNOWN', 'ALERT_ID_INVALID'] : ['ARGUMENT_INVALID'];
        expect([field, codes]).toEqual([field, expect.arrayContaining([codeOf(outcome)])]);
        expect(outcome.ok || isPlainText(outcome.refusal.message, { lines: true })).toBe(true);
      }
      expect(await fingerprint(ledger.db)).toEqual(before);
    },
    SLOW_MS,
  );

  it(
    'a booking that nothing can be held against, for the key of the installation is gone',
    async () => {
      const { good, call } = OPERATIONS.deposit;
      const key = path.join(ledger.installation.dataDir, INSTALLATION_KEY_FILE);
      const before = await fingerprint(ledger.db);
      renameSync(key, `${key}.aside`);
      try {
        expect(codeOf(await call(asks(AT), good))).toBe('SIGNING_KEY_MISSING');
        expect(await ops(typed('deposit', good, extras('deposit')))).toMatchObject({
          exitCode: 2,
          stderr: expect.stringMatching(/^SIGNING_KEY_MISSING: /),
        });
      } finally {
        renameSync(`${key}.aside`, key);
      }
      expect(await fingerprint(ledger.db)).toEqual(before);
    },
    SLOW_MS,
  );

  it(
    'the tables of a database that has none yet',
    async () => {
      const empty = await createEmptyDatabase();
      const db = connect(empty.ownerUrl, 1);
      try {
        await expect(listTables(db)).rejects.toMatchObject({ code: 'SCHEMA_MISSING', kind: 'refused' });
        expect(await ops(['db-tables'], { DATABASE_URL: empty.ownerUrl })).toMatchObject({
          exitCode: 2,
          stderr: expect.stringMatching(/^SCHEMA_MISSING: the database has no tables yet/),
        });
      } finally {
        await db.destroy();
        await empty.drop();
      }
    },
    SLOW_MS,
  );

  it.each(['deposit', 'dividend', 'split', 'reversal', 'baseline', 'engage', 'reset'] as const)(
    '%s: an account that is not open',
    async (name) => {
      const { good, call } = OPERATIONS[name];
      expect(codeOf(await call(asks(AT), { ...good, account: 'spare' }))).toBe('ACCOUNT_NOT_OPEN');
      expect(await ops(typed(name, good, extras(name, 'spare')))).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(
          /^ACCOUNT_NOT_OPEN: [^]*account add spare --base-currency GBP --clock simulated$/m,
        ),
      });
    },
    SLOW_MS,
  );
});

describe('of a ledger that is open or has what is asked for, and not as it is asked', () => {
  const BOOKINGS = [
    'deposit',
    'dividend',
    'split',
    'interest',
    'rename',
    'cashMerger',
    'delisting',
    'stockMerger',
    'spinOff',
    'cashInLieu',
  ] as const;

  it(
    'an empty ledger takes no booking, and nothing opens none',
    async () => {
      const before = await fingerprint(ledger.db);
      const empty = (name: Name) => ({ ...OPERATIONS[name].good, account: 'fresh' });
      for (const name of BOOKINGS)
        expect([name, codeOf(await OPERATIONS[name].call(asks(AT), empty(name)))]).toEqual([name, 'LEDGER_EMPTY']);
      expect(await ops(typed('deposit', empty('deposit'), extras('deposit', 'fresh')))).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(/^LEDGER_EMPTY: /),
      });
      const nothing = { account: 'fresh', cash: '0', reason: 'new' };
      expect(codeOf(await OPERATIONS.baseline.call(asks(AT), nothing))).toBe('BASELINE_EMPTY');
      expect(await ops(typed('baseline', nothing, extras('baseline', 'fresh')))).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(/^BASELINE_EMPTY: /),
      });
      expect(await fingerprint(ledger.db)).toEqual(before);
    },
    SLOW_MS,
  );

  it(
    'what was booked otherwise, was reversed already, or was reckoned from the units of before is refused by both doors',
    async () => {
      const of = (changes: Input): Input => ({ account: 'fresh', ...changes });
      const opened = of({ cash: '100', positions: { KO: '400' }, reason: 'as eToro shows' });
      resultOrThrow(await OPERATIONS.baseline.call(asks('2014-06-03T07:00:00.000Z'), opened));
      const dividend = of({ symbol: 'KO', exDate: '2014-06-12', net: '5', paidOn: '2014-06-20' });
      resultOrThrow(await OPERATIONS.dividend.call(asks(AT), dividend));
      const split = of({ symbol: 'KO', exDate: '2014-06-16', ratio: '2' });
      resultOrThrow(await OPERATIONS.split.call(asks(AT), split));
      const deposit = of({ kind: 'DEPOSIT', amount: '7', date: '2014-06-20' });
      const { entryId: entry } = resultOrThrow(await OPERATIONS.deposit.call(asks(AT), deposit)) as { entryId: number };
      const reversal = of({ entry, reason: 'by mistake' });
      resultOrThrow(await OPERATIONS.reversal.call(asks(AT), reversal));
      const before = await fingerprint(ledger.db);
      const refused: [Name, Input, string][] = [
        ['dividend', { ...dividend, net: '6' }, 'ALREADY_BOOKED_DIFFERENTLY'],
        ['reversal', reversal, 'ALREADY_REVERSED'],
        ['split', { ...split, exDate: '2014-06-10' }, 'BOOKED_OUT_OF_ORDER'],
      ];
      for (const [name, input, code] of refused) {
        expect([name, codeOf(await OPERATIONS[name].call(asks(AT), input))]).toEqual([name, code]);
        expect(await ops(typed(name, input, extras(name, 'fresh')))).toMatchObject({
          exitCode: 2,
          stderr: expect.stringMatching(new RegExp(`^${code}: `)),
        });
      }
      expect(await fingerprint(ledger.db)).toEqual(before);
    },
    SLOW_MS,
  );
});

describe('on a real account', () => {
  const now = () => new Date().toISOString();
  const says = (claimedAt: string | null): Asker => ({
    operator: 'ann',
    door: 'direct',
    claimedAt,
    sign: sharedSigner,
  });
  const house = (name: Name) => ({ ...OPERATIONS[name].good, account: 'house' });

  it.each([
    'deposit',
    'dividend',
    'split',
    'reversal',
    'baseline',
    'engage',
    'reset',
    'ruling',
    'acknowledgement',
    'retention',
  ] as const)(
    '%s: what the sender says of the time is neither later than now nor before the account',
    async (name) => {
      const before = await fingerprint(ledger.db);
      const { call } = OPERATIONS[name];
      for (const noInstant of ['soon', '2014-07-01', '2014-07-01T08:00:00', ''])
        expect(codeOf(await call(says(noInstant), house(name)))).toBe('AT_INVALID');
      expect(codeOf(await call(says('2099-01-01T00:00:00.000Z'), house(name)))).toBe('CLAIM_IN_FUTURE');
      expect(codeOf(await call(says('2014-07-01T08:00:00.000Z'), house(name)))).toBe('CLAIM_BEFORE_ACCOUNT');
      if (name !== 'ruling') {
        expect(await ops(typed(name, house(name), extras(name, 'house')))).toMatchObject({
          exitCode: 64,
          stderr: expect.stringMatching(/^CLOCK_IS_REAL: /),
        });
      }
      expect(await fingerprint(ledger.db)).toEqual(before);
    },
    SLOW_MS,
  );

  it('the machine stamps and keeps the claim; a deposit of 2031 and a ledger opened with figures of 2014 are refused', async () => {
    const of2014 = { account: 'house', cash: '100', reason: 'old', date: '2014-07-01' };
    expect(codeOf(await setBaseline(ledger.installation, says(null), of2014))).toBe('DATE_INVALID');
    const started = now();
    const claimed = new Date(Date.now() - 20_000).toISOString();
    resultOrThrow(
      await setBaseline(ledger.installation, says(claimed), {
        account: 'house',
        cash: '100',
        reason: 'as eToro shows',
      }),
    );
    expect(
      codeOf(
        await bookCash(ledger.installation, says(null), {
          account: 'house',
          kind: 'DEPOSIT',
          amount: '5',
          date: '2031-01-01',
        }),
      ),
    ).toBe('DATE_INVALID');
    const [entry] = await ledger
      .db('journal_entries')
      .where({ account: 'house' })
      .select<{ booked_at: string }[]>('booked_at');
    expect(entry?.booked_at.localeCompare(started)).toBeGreaterThanOrEqual(0);
    expect(
      await ledger.db('audit_log').where({ account: 'house', action: 'ledger.opened' }).pluck('detail'),
    ).toMatchObject([{ claimedAt: claimed }]);
  });

  it('goes by the machine, whatever clock a caller of the program brings along', async () => {
    const of2031: Asker = Object.assign(says('2031-01-01T08:00:00.000Z'), { now: () => '2031-01-01T09:00:00.000Z' });
    const deposit = { account: 'house', kind: 'DEPOSIT' as const, amount: '5', date: '2031-01-01' };
    expect(codeOf(await bookCash(ledger.installation, of2031, deposit))).toBe('CLAIM_IN_FUTURE');
    expect(codeOf(await bookCash(ledger.installation, { ...of2031, claimedAt: null }, deposit))).toBe('DATE_INVALID');
  });

  it('a policy that makes it a simulated one is refused, so that nobody back-dates it', async () => {
    withAccounts({ ...ACCOUNTS, house: { base_currency: 'GBP', clock: 'simulated' } });
    try {
      for (const name of ['deposit', 'engage'] as const)
        expect(codeOf(await OPERATIONS[name].call(asks(AT), house(name)))).toBe('ACCOUNT_DIFFERS');
    } finally {
      withAccounts(ACCOUNTS);
    }
  });
});

describe('done through both doors', () => {
  it(
    'a ruling and an opened account leave their audit record',
    async () => {
      resultOrThrow(await ruleAction(ledger.installation, asks(AT), OPERATIONS.ruling.good as never));
      expect(
        await ops(typed('ruling', { ...OPERATIONS.ruling.good, as: 'cash_dividend' }, extras('ruling'))),
      ).toMatchObject({ exitCode: 0 });
      expect(await ledger.db('action_rulings').orderBy('ruling_id').pluck('ruling')).toEqual([
        'ignore',
        'cash_dividend',
      ]);
      expect(await ledger.db('audit_log').where({ action: 'action.ruled' }).pluck('actor')).toEqual(['ann', 'ann']);
      expect(await ops(typed('account', OPERATIONS.account.good, []))).toMatchObject({ exitCode: 0 });
      expect(
        resultOrThrow(await openAccount(ledger.installation, asks(AT), OPERATIONS.account.good as never)),
      ).toMatchObject({ opened: false });
      const other = await Promise.all(
        ['one', 'two'].map((account) =>
          openAccount(ledger.installation, asks(AT), { account, baseCurrency: 'GBP', clock: 'simulated' }),
        ),
      );
      expect(other.map(codeOf)).toEqual(['DONE', 'DONE']);
      expect((await ops(['policy', 'check'])).stdout).toMatch(
        /account more: [\s\S]*account one: [\s\S]*account two: |account more: [\s\S]*account two: [\s\S]*account one: /,
      );
      expect(await ledger.db('audit_log').where({ action: 'account.opened', account: 'one' }).pluck('at')).toEqual([
        AT,
      ]);
    },
    SLOW_MS,
  );

  it(
    'the kill switch engages while universe.csv is broken, without Temporal and without prices; a reset waits for the file',
    async () => {
      withAccounts(ACCOUNTS);
      writeFileSync(path.join(config(), 'universe.csv'), 'not,a,universe\n');
      try {
        expect(codeOf(await bookCash(ledger.installation, asks(AT), OPERATIONS.deposit.good as never))).toBe(
          'UNIVERSE_INVALID',
        );
        expect(await ops(typed('engage', OPERATIONS.engage.good, extras('engage')))).toMatchObject({
          exitCode: 0,
          stdout: expect.stringContaining('engaged: no TRADE'),
        });
        expect(await killSwitchState(ledger.db, 'main')).toEqual({ engaged: true, reason: 'odd prices' });
        expect(await ops(typed('reset', OPERATIONS.reset.good, extras('reset')))).toMatchObject({
          exitCode: 64,
          stderr: expect.stringMatching(/^UNIVERSE_INVALID: /),
        });
      } finally {
        withAccounts(ACCOUNTS);
      }
      expect(await ops(typed('reset', OPERATIONS.reset.good, extras('reset')))).toMatchObject({ exitCode: 0 });
      expect(await ledgerState(ledger.db, 'main')).toMatchObject({ cash: '1005' });
    },
    SLOW_MS,
  );
});
