import { describe, expect, test } from 'vitest';
import { bookSmallItems, reconcileDay, rulingCommand, wordsOf, type Desk } from '../../src/simulation/operator.js';
import { parseRulings } from '../../src/simulation/rulings.js';
import { differences } from '../../src/simulation/run.js';
import type { ReconcileReply } from '../../src/contract/day-messages.js';
import { D } from '../../src/domain/money.js';

const PASS: ReconcileReply = { status: 'PASS', reasons: [], explanations: [], openedLedger: false, reportPath: null };
const fail = (...commands: (string | null)[]): ReconcileReply => ({
  ...PASS, status: 'FAIL', reasons: [{ code: 'CASH_DRIFT', subject: null, message: 'apart', evidence: {} }],
  explanations: commands.map((command) => ({ text: 'perhaps', command })),
});

function deskThat(replies: ReconcileReply[], exitCode = 0) {
  const ids: string[] = [];
  const typed: string[] = [];
  const unused = () => Promise.reject(new Error('not part of this test'));
  const desk: Desk = {
    run: unused, confirm: unused, closed: unused,
    reconcile: (_day, { id }) => {
      ids.push(id);
      return Promise.resolve(replies[ids.length - 1] ?? PASS);
    },
    type: (command) => {
      typed.push(command);
      return Promise.resolve({ exitCode, said: 'as it is' });
    },
  };
  return { desk, ids, typed };
}

const day = { tradingDay: '2014-06-13', at: '2014-06-13T08:00:00.000Z', snapshot: { cash: '10.00', positions: {} }, undecided: new Set<string>() };
const DIVIDEND = 'trading-ops ledger dividend --symbol KO --ex-date 2014-06-12 --account main --at 2014-06-13T08:00:00.000Z';
const SPLIT = 'trading-ops ledger split --symbol GOOGL --ex-date 2014-04-04 --ratio 2 --account main';

describe('the simulated operator', () => {
  test('types the commands of a failing report and reconciles again, each time anew', async () => {
    const { desk, ids, typed } = deskThat([fail(DIVIDEND)]);
    expect(await reconcileDay(desk, day)).toEqual({ status: 'PASS', typed: [DIVIDEND], problems: [] });
    expect(typed).toEqual([DIVIDEND]);
    expect(new Set(ids).size).toBe(2);
  });

  test.each([
    ['a transfer', 'trading-ops cash deposit --amount 5.00 --date 2014-06-13'],
    ['a baseline', 'trading-ops ledger-baseline --position KO=1 --reason "<why>"'],
    ['nothing', null],
  ])('books %s for nobody: the day stays failed and says why', async (_what, command) => {
    const { desk, typed } = deskThat([fail(command)]);
    expect(await reconcileDay(desk, day)).toEqual({ status: 'FAIL', typed: [], problems: ['CASH_DRIFT: apart'] });
    expect(typed).toEqual([]);
  });

  test('books no split of a symbol that waits for a ruling', async () => {
    const { desk, typed } = deskThat([fail(SPLIT)]);
    expect(await reconcileDay(desk, { ...day, undecided: new Set(['GOOGL']) })).toMatchObject({ status: 'FAIL', typed: [] });
    expect(typed).toEqual([]);
  });

  test('a refused command is a problem, and ends the day\'s reconciliation', async () => {
    const { desk, typed } = deskThat([fail(DIVIDEND)], 2);
    expect(await reconcileDay(desk, day)).toEqual({ status: 'FAIL', typed: [], problems: ['CASH_DRIFT: apart', `${DIVIDEND}: exit 2: as it is`] });
    expect(typed).toHaveLength(1);
  });

  test('gives up when the reports go on failing', async () => {
    const { desk, ids } = deskThat(Array.from({ length: 10 }, () => fail(DIVIDEND)));
    expect((await reconcileDay(desk, day)).status).toBe('FAIL');
    expect(ids).toHaveLength(5);
  });

  test('books what the statement shows and the tolerance let pass', async () => {
    const { desk, typed } = deskThat([]);
    await bookSmallItems(desk, [{ kind: 'DIVIDEND', symbol: 'KO', exDate: '2014-06-12', cash: D('1.2'), units: D(0) }], { account: 'main', at: '2014-06-13T08:00:00.000Z' });
    expect(typed).toEqual([DIVIDEND]);
  });

  test('a command is split into words as a shell would', () => {
    const command = rulingCommand({ symbol: 'GOOGL', exDate: '2014-04-03', kind: 'DIVIDEND', ruling: 'split', value: '2', reason: 'class "C" $shares' }, day.at);
    expect(wordsOf(command)).toEqual([
      'trading-ops', 'actions', 'rule', '--symbol', 'GOOGL', '--ex-date', '2014-04-03', '--kind', 'dividend', '--as', 'split', '--value', '2',
      '--reason', 'class C shares', '--at', day.at,
    ]);
  });
});

describe('books of both sides', () => {
  const broker = { cash: D('10.00'), units: new Map([['KO', D('1.5')]]) };

  test('equal to the last digit is no difference, however it is written', () => {
    expect(differences({ cash: '10', units: { KO: '1.500000' } }, broker)).toEqual([]);
  });

  test('a penny, a millionth of a unit and a missing symbol are', () => {
    expect(differences({ cash: '10.01', units: { KO: '1.500001', PEP: '1' } }, broker)).toEqual([
      'cash is 10.00 at the broker and 10.01 in the ledger', 'KO is 1.5 at the broker and 1.500001 in the ledger', 'PEP is 0 at the broker and 1 in the ledger',
    ]);
  });
});

describe('planned rulings', () => {
  const HEADER = 'symbol,ex_date,kind,ruling,value,ruled_on,reason';

  test('are read with what they say', () => {
    expect(parseRulings(`${HEADER}\nGOOGL,2014-04-03,DIVIDEND,split,2,2014-04-16,class C shares\n`, 'r.csv')).toEqual([{
      symbol: 'GOOGL', exDate: '2014-04-03', kind: 'DIVIDEND', ruling: 'split', value: '2', ruledOn: '2014-04-16', reason: 'class C shares',
    }]);
  });

  test.each([
    ['GOOGL,2014-04-03,DIVIDEND,split,,2014-04-16,why', 'value: "": must be given with ruling split'],
    ['GOOGL,2014-04-03,DIVIDEND,ignore,2,2014-04-16,why', 'value: "2": must be left empty with ruling ignore'],
    ['GOOGL,2014-02-30,DIVIDEND,ignore,,2014-04-16,why', 'ex_date: "2014-02-30": must be a date that exists, YYYY-MM-DD'],
    ['GOOGL,2014-04-03,DIVIDEND,ignore,,2014-04-03,why', 'ruled_on: "2014-04-03": must be after the ex-date: nobody knows of it before'],
    ['GOOGL,2014-04-03,MERGER,ignore,,2014-04-16,why', 'kind: "MERGER"'],
    ['GOOGL,2014-04-03,DIVIDEND,ignore,,2014-04-16,', 'reason: "": must say why'],
  ])('%s is refused', (row, message) => {
    expect(() => parseRulings(`${HEADER}\n${row}\n`, 'r.csv')).toThrow(`r.csv: row 1: ${message}`);
  });
});
