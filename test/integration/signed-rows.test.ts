import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect } from '../../src/db/connect.js';
import { ask } from '../../src/db/questions.js';
import { askedQuestion, othersUnproved } from '../../src/db/signed-others.js';
import { resultOrThrow, type Outcome } from '../../src/domain/errors.js';
import { unproved } from '../../src/domain/signing/facts.js';
import { engageKillSwitch, resetKillSwitch } from '../../src/operations/guard/kill-switch.js';
import { BOOKINGS, type BookingName } from '../../src/operations/ledger/bookings.js';
import { setBaseline } from '../../src/operations/ledger/set-baseline.js';
import { ruleAction } from '../../src/operations/market/rule.js';
import { readKeyring } from '../../src/operations/signing/keyring.js';
import { verifySignatures } from '../../src/operations/signing/verify-signatures.js';
import { databaseUrl, readRecord } from '../../src/runtime/record.js';
import { asks, AT, createLedger, type Ledger } from './ledger.fixture.js';

let ledger: Ledger;
let owner: Knex;
/** The entry that each booking led to, by what it is called here. */
const entries = new Map<string, number>();

const done = async (outcome: Promise<Outcome<unknown>>) => resultOrThrow(await outcome);
async function book(name: BookingName, called: string, input: object, at = AT): Promise<void> {
  const booked = await done(BOOKINGS[name].book(ledger.installation, asks(at), { account: 'main', ...input }));
  entries.set(called, (booked as { entryId: number }).entryId);
}
const takeBack = (called: string) =>
  book('reverse', `back: ${called}`, { entry: entries.get(called), reason: 'by mistake' });

/** Something of every kind that can be booked, ruled or reset, by what was said and by what was stored. */
beforeAll(async () => {
  ledger = await createLedger();
  const record = readRecord(join(inject('servers').root, 'shared')) ?? expect.unreachable();
  owner = connect(databaseUrl(record, 'superuser', ledger.database.name), 2);
  const opened = { account: 'main', cash: '10000', positions: { AAPL: '10', KO: '400.5' }, costs: { KO: '9000' } };
  await done(
    setBaseline(ledger.installation, asks('2014-06-03T07:00:00.000Z'), { ...opened, reason: 'as eToro shows' }),
  );
  await book('cash', 'deposit', { kind: 'DEPOSIT', amount: '100', date: '2014-06-20', notes: 'once' });
  const twice = { kind: 'DEPOSIT', amount: '100', date: '2014-06-20', notes: 'once', another: true };
  await book('cash', 'second deposit', twice);
  await book('cash', 'deposit of today', { kind: 'DEPOSIT', amount: '7.50' });
  await book('cash', 'withdrawal', { kind: 'WITHDRAWAL', amount: '12', date: '2014-06-23' });
  await book('cash', 'fee', { kind: 'FEE', amount: '1.20', symbol: 'KO' });
  await book('cash', 'interest', { kind: 'INTEREST', amount: '0.80' });
  await book('split', 'split', { symbol: 'AAPL', exDate: '2014-06-09' });
  await book('dividend', 'dividend', { symbol: 'KO', exDate: '2014-06-12', paidOn: '2014-06-30' });
  await book('dividend', 'net dividend', { symbol: 'AAPL', exDate: '2014-06-10', net: '3.21' });
  const said = { amount: '0.5', units: '400', fx: '1.7', withholding: '0' };
  await book('dividend', 'dividend as said', { symbol: 'KO', exDate: '2014-06-16', type: 'special', ...said });
  await book('dividend', 'return', { symbol: 'KO', exDate: '2014-06-17', type: 'return_of_capital', amount: '0.1' });
  await book('cash-in-lieu', 'fraction', { symbol: 'KO', date: '2014-06-24', net: '12.50' });
  for (const [name, called, more] of [
    ['cash-merger', 'merger', { amount: '41' }],
    ['delisting', 'delisting', {}],
    ['rename', 'rename', { to: 'MSFT' }],
    ['stock-merger', 'stock merger', { to: 'MSFT', ratio: '0.5', amount: '2' }],
  ] as const) {
    await book(name, called, { symbol: 'KO', date: '2014-06-30', ...more });
    await takeBack(called);
  }
  await book('spin-off', 'spin-off', { symbol: 'KO', exDate: '2014-06-30', to: 'MSFT', ratio: '0.25' });
  const read = { account: 'main', cash: '11000', positions: { AAPL: '70.5' }, costs: { AAPL: '4000' } };
  await done(setBaseline(ledger.installation, asks(AT), { ...read, reason: 'read again' }));
  const ruled = { account: 'main', symbol: 'KO', exDate: '2014-06-12', kind: 'DIVIDEND', reason: 'looked up' } as const;
  for (const as of [{ as: 'ignore' }, { as: 'cash_dividend', value: '0.4' }, { as: 'cash_dividend' }] as const)
    await done(ruleAction(ledger.installation, asks(AT), { ...ruled, ...as }));
  await done(
    ruleAction(ledger.installation, asks(AT), {
      ...ruled,
      exDate: '2014-06-13',
      kind: 'SPLIT',
      as: 'split',
      value: '2',
    }),
  );
  await done(engageKillSwitch(ledger.installation, asks(AT), { account: 'main', reason: 'odd prices' }));
  await done(resetKillSwitch(ledger.installation, asks(AT), { account: 'main', reason: 'looked at' }));
}, 120_000);
afterAll(async () => {
  await owner.destroy();
  await ledger.close();
});

/** What is said of what was signed: by `signatures verify`, and by the gate `books`. */
async function saidOf(db: Knex): Promise<{ named: string[]; stopped: string[] }> {
  const keyring = await readKeyring(ledger.installation);
  const { problems } = await verifySignatures(db, keyring);
  const others = await othersUnproved(db, 'main', await ask(db, askedQuestion(db, 'main')), keyring);
  return {
    // The run of the fixture nobody signed.
    named: problems.flatMap(({ fact, problem }) => (fact === 'runs' ? [] : `${fact}: ${problem}`)),
    stopped: others.map((one) => `${one.fact} ${one.id}: ${unproved(one, keyring)?.code}`),
  };
}

/** The same of what somebody wrote past every trigger; it is taken back. */
async function saidOfWritten(...statements: string[]): ReturnType<typeof saidOf> {
  const trx = await owner.transaction();
  try {
    await trx.raw('set local session_replication_role = replica');
    for (const statement of statements) await trx.raw(statement);
    return await saidOf(trx);
  } finally {
    await trx.rollback();
  }
}

describe('rows that came of what somebody signed', { timeout: 60_000 }, () => {
  it('are what was signed, whatever it was made of', async () => {
    expect(await saidOf(ledger.db)).toEqual({ named: [], stopped: [] });
    expect(await saidOf(owner)).toEqual({ named: [], stopped: [] });
  });

  const entry = (called: string) => `entry_id = ${entries.get(called)}`;
  const posting =
    (called: string, change: string, of = 'true') =>
    () =>
      `update postings set ${change} where ${entry(called)} and ${of}`;
  const changed = (called: string, change: string) => () =>
    `update journal_entries set ${change} where ${entry(called)}`;
  const baseline = (kind: string) => `entry_id in (select entry_id from journal_entries where kind = '${kind}')`;

  it.each<[what: string, write: () => string, problem: RegExp]>([
    ['cash', posting('deposit', 'amount = amount * 11'), /a posting is Assets:Cash GBP 1100, not Assets:Cash GBP 100$/],
    ['a penny', posting('withdrawal', 'amount = amount * 1.001'), /a posting is /],
    ['interest', posting('interest', 'amount = amount * 2'), /a posting is /],
    [
      'the date of a deposit',
      changed('deposit', `effective_date = '2014-06-21'`),
      /its date is 2014-06-21, not 2014-06-20/,
    ],
    ['a date in another time', changed('deposit', `effective_date = '2014-06-20 BC'`), /its date is /],
    [
      'the date of one of today, and when it was booked',
      changed(
        'deposit of today',
        `effective_date = '2014-06-30', booked_at = '2014-06-30T07:30:00Z',
         idempotency_key = 'deposit:2014-06-30:7.5::'`,
      ),
      /it is of 2014-06-30T07:30:00.000Z, and was recorded at 2014-07-01T07:30:00.000Z/,
    ],
    ['what a fee is about', changed('fee', `symbol = 'AAPL'`), /its symbol is AAPL, not KO/],
    ['a deposit that is income', changed('deposit', `kind = 'INTEREST'`), /its kind is INTEREST, not DEPOSIT/],
    ['whose it is', changed('deposit', `account = 'other'`), /it is not in the ledger of main|SIGNATURE_MISSING/],
    ['the book it is in', changed('deposit', `book = 'paper'`), /it is not in the ledger of main/],
    [
      'the account of a posting',
      posting('deposit', `ledger_account = 'Income:Interest'`, 'amount < 0'),
      /a posting is /,
    ],
    ['the figure of a stored dividend', posting('dividend', 'amount = amount * 3'), /as the audit log recorded it$/],
    ['the currency of a stored dividend', posting('dividend', `commodity = 'USD'`), /which it does not move$/],
    ['a dividend that arrived', posting('net dividend', 'amount = amount * 3'), /a posting is /],
    ['a dividend as it was said', posting('dividend as said', 'amount = amount * 3'), /a posting is /],
    [
      'its ex-date',
      changed('dividend', `idempotency_key = 'dividend:KO:2014-06-13'`),
      /its key is dividend:KO:2014-06-13/,
    ],
    ['the units of a stored split', posting('split', 'amount = amount * 2'), /as the audit log recorded it$/],
    ['of what a split is', posting('split', `commodity = 'KO'`), /which it does not move$/],
    ['a fraction paid out', posting('fraction', 'amount = amount * 2', `commodity = 'GBP'`), /a posting is /],
    [
      'the cost of a spin-off',
      changed('spin-off', 'cost_share = 0.9'),
      /its share of the cost is 0.9, not .*recorded it$/,
    ],
    ['what a reversal takes back', posting('back: rename', 'amount = amount * 2'), /a posting is /],
    [
      'an opening',
      () => `update postings set amount = amount * 2 where commodity = 'KO' and ${baseline('OPENING')}`,
      /a posting is /,
    ],
    ['a baseline', () => `update postings set amount = amount * 2 where ${baseline('BASELINE')}`, /a posting is /],
    [
      'an entry without its postings',
      () => `delete from postings where ${entry('deposit')}`,
      /it has 0 postings, not 2/,
    ],
    [
      'no entry at all',
      () => `delete from journal_entries where ${entry('withdrawal')}`,
      /it is not in the ledger of main/,
    ],
    ['the value of a ruling', () => `update action_rulings set value = 9 where value = 2`, /its value is 9, not 2$/],
    [
      'a value that was published',
      () =>
        `update action_rulings set value = 9
          where ruling_id = (select max(ruling_id) from action_rulings where kind = 'DIVIDEND')`,
      /its value is 9, not 0.305$/,
    ],
    [
      'the day of a ruling',
      () => `update action_rulings set ex_date = '2014-06-19' where kind = 'SPLIT'`,
      /its ex-date is 2014-06-19/,
    ],
    [
      'of what a ruling is',
      () => `update action_rulings set symbol = 'AAPL' where kind = 'SPLIT'`,
      /its symbol is AAPL, not KO/,
    ],
    [
      'what was ruled',
      () => `update action_rulings set ruling = 'ignore', value = null where kind = 'SPLIT'`,
      /its ruling is ignore/,
    ],
    [
      'which entry it takes back',
      () => `update journal_entries set reverses_entry_id = ${entries.get('split')} where ${entry('back: rename')}`,
      /what it takes back is \d+, not \d+/,
    ],
    [
      'what came before a reset',
      () => `delete from kill_switch_events where event = 'ENGAGED'`,
      /it comes after 0 events of the switch, and came after 1/,
    ],
    [
      'when a switch was reset',
      () => `update kill_switch_events set at = at - interval '1 year' where event = 'RESET'`,
      /it is of 2013/,
    ],
    [
      'why it was',
      () => `update kill_switch_events set reason = 'all is well' where event = 'RESET'`,
      /its reason is another/,
    ],
  ])('that are another are named, and stop trading: %s', async (_, write, problem) => {
    const { named, stopped } = await saidOfWritten(write());
    expect(named[0]).toMatch(problem);
    expect(stopped[0]).toMatch(/: SIGNATURE_INVALID$/);
  });

  it('and what the log recorded of them cannot be said again later', async () => {
    const { named } = await saidOfWritten(
      posting('dividend', 'amount = amount * 3')(),
      `insert into audit_log (seq, at, account, actor, action, subject, detail, prev_hash, hash)
         select 1000000, at, account, actor, action, subject,
                jsonb_set(detail, '{postings}', (select jsonb_agg(jsonb_build_object('account', ledger_account,
                  'commodity', commodity, 'amount', trim_scale(amount)::text) order by line_no)
                    from postings where ${entry('dividend')})), prev_hash, repeat('a', 64)
           from audit_log where action = 'dividend.booked' and subject = '${entries.get('dividend')}'`,
    );
    expect(named[0]).toMatch(/as the audit log recorded it$/);
  });
});
