import { WithStartWorkflowOperation } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { describe, expect, it } from 'vitest';
import {
  DAY_MESSAGES,
  type ConfirmCommand,
  type ConfirmReply,
  type TradingDayInput,
} from '../../src/contract/day-messages.js';
import { listAlerts } from '../../src/db/alerts.js';
import { factBreaks } from '../../src/db/audit.js';
import { storeConfiguration } from '../../src/db/configurations.js';
import { connect } from '../../src/db/connect.js';
import { loadDecisionFacts } from '../../src/db/decision-facts.js';
import { insertRun } from '../../src/db/runs.js';
import { insertTicket, ticketFacts } from '../../src/db/tickets.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { decideTicket } from '../../src/domain/decision/decide.js';
import type { DecisionFacts } from '../../src/domain/decision/facts.js';
import { materialHash, ticketId as idOf } from '../../src/domain/decision/ticket.js';
import { contentHash } from '../../src/domain/hash.js';
import type { Attestation, Signed } from '../../src/domain/signing/attestation.js';
import { recoverAlert } from '../../src/operations/alerts/raise.js';
import { askTradingDay, leaveForTradingDay, tradingDayInput } from '../../src/operations/day/ask.js';
import { issueTicket } from '../../src/operations/day/issue-ticket.js';
import { violationText } from '../../src/operations/guard/tell-books.js';
import { brokenBooks } from '../../src/operations/guard/verify-books.js';
import { loadRunContext } from '../../src/operations/runs/context.js';
import { verifySignatures } from '../../src/operations/signing/verify-signatures.js';
import { readKeyring } from '../../src/operations/signing/keyring.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { confirmCommand, driveDay, MONDAY, TUESDAY, withSeat, type TestSeat } from '../support/day.js';
import { sharedSigner, signedAnswer, signedSnapshot } from '../support/signing.js';
import type { Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const SLOW_MS = 600_000;
const WEDNESDAY = '2018-05-09';
const ACCOUNT = { account: 'main', baseCurrency: 'USD', clock: 'simulated' } as const;
const PLACE = { account: 'main', tradingDay: MONDAY };

/** Everything but what people are told, and its records. */
const facts = async ({ db }: TestSeat) => ({ ...(await fingerprint(db)), alerts: '', audit_log: '' });

const OF_REFUSALS = ['SIGNATURE_REFUSED', 'MESSAGE_REFUSED'] as const;

/** What was told so far of things that were refused: the alert, and why. */
const told = async ({ db }: TestSeat) =>
  (await listAlerts(db)).flatMap(({ alertId, subject, code, evidence }) => {
    const known = OF_REFUSALS.find((one) => one === code);
    const { code: why } = evidence as { code?: string };
    return known ? [{ alertId, subject, code: known, why }] : [];
  });

/** Every door that a message to a day can come in by without a command. */
function doorsOf(seat: TestSeat, { settings: { taskQueue } }: Installation) {
  const day = (at: string) => tradingDayInput(ACCOUNT, MONDAY, seat.policy, at);
  return {
    update: (command: ConfirmCommand) =>
      askTradingDay<ConfirmReply>(
        seat.client,
        taskQueue,
        day(command.at),
        DAY_MESSAGES.confirmUpdate,
        randomUUID(),
        command,
      ),
    signal: (command: ConfirmCommand) => seat.signal(MONDAY, DAY_MESSAGES.confirm, command),
    'signal-with-start': (command: ConfirmCommand) =>
      leaveForTradingDay(seat.client, taskQueue, day(command.at), DAY_MESSAGES.confirm, command),
  };
}

/** A forgery, what it is made of, and the code that it is refused with. */
type Forgery = [what: string, code: string, make: () => Promise<ConfirmCommand> | ConfirmCommand];

describe('a forged answer', { timeout: SLOW_MS }, () => {
  it('leaves no row, has its code and is told once, whichever it is and whatever door it comes by', () =>
    withSeat({ operators: ['demo', 'second', 'former'] }, async (seat, installation) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      const { material } = await seat.ticket(ticketId);
      const doors = doorsOf(seat, installation);
      const signed = (command: ConfirmCommand, sign = seat.sign) => signedAnswer(sign, seat.db, PLACE, command);
      const plain = confirmCommand(ticketId, material, {});
      const genuine = await signed(plain);
      const own = genuine.signature as Signed;
      /** The genuine statement with something else said in it, and signed like it. */
      const saying = async (changes: Partial<Attestation>): Promise<ConfirmCommand> => {
        const { version: _v, installation: _i, operator, nonce: _n, at: _a, ...act } = own.attestation;
        return { ...plain, signature: await seat.sign(operator, { ...act, ...changes }) };
      };
      const withTime = async (at: string): Promise<ConfirmCommand> => {
        const other = await signed(plain);
        const { attestation } = other.signature as Signed;
        return { ...plain, signature: { ...(other.signature as Signed), attestation: { ...attestation, at } } };
      };
      const anotherKey = (await sharedSigner('demo', own.attestation)) as Signed;
      const [first, ...others] = plain.fills;
      if (!first) throw new Error('the ticket has no line');
      const digit = { ...first, units: first.units?.replace(/\d$/, (last) => String((Number(last) + 1) % 10)) ?? null };
      const forgeries: Forgery[] = [
        ['unsigned', 'SIGNATURE_MISSING', () => ({ ...plain, signature: null as never })],
        [
          'of a wrong key',
          'SIGNATURE_INVALID',
          () => ({ ...plain, signature: { ...anotherKey, attestation: own.attestation } }),
        ],
        [
          'of another ticket',
          'SIGNATURE_OF_ANOTHER',
          () => saying({ ticket: { id: randomUUID(), materialHash: own.attestation.ticket?.materialHash ?? '' } }),
        ],
        ['of another account', 'SIGNATURE_OF_ANOTHER', () => saying({ account: 'other' })],
        ['of another day', 'SIGNATURE_OF_ANOTHER', () => saying({ tradingDay: TUESDAY })],
        ['of another purpose', 'SIGNATURE_OF_ANOTHER', () => saying({ purpose: 'reconcile' })],
        ['of another installation', 'SIGNATURE_OF_ANOTHER', () => signed(plain, sharedSigner)],
        ['of another person', 'SIGNATURE_OF_ANOTHER', () => ({ ...genuine, operator: 'second' })],
        ['with one digit changed', 'SIGNATURE_INVALID', () => ({ ...genuine, fills: [digit, ...others] })],
        [
          'of the future',
          'SIGNATURE_INVALID',
          async () => {
            const later = new Date(Date.now() + 3_600_000).toISOString();
            return withTime(later);
          },
        ],
        ['dated back in its statement', 'SIGNATURE_INVALID', () => withTime('2018-05-07T14:00:00.000Z')],
        ['of before the day', 'CLAIM_BEFORE_DAY', () => ({ ...genuine, at: '2018-05-04T15:20:00.000Z' })],
      ];
      const refuseEach = async (table: Forgery[], by: Partial<typeof doors> = doors): Promise<void> => {
        for (const [what, code, make] of table)
          for (const [door, send] of Object.entries(by)) {
            const command = { ...(await make()) };
            const before = { facts: await facts(seat), told: await told(seat) };
            const reply = await send(command);
            const name = `${what}, by ${door}`;
            if (reply) expect(reply, name).toMatchObject({ status: 'REFUSED', reason: { code } });
            const isNews = ({ alertId }: { alertId: string }) => before.told.every((one) => one.alertId !== alertId);
            const since = async () => (await told(seat)).filter(isNews);
            await expect
              .poll(async () => (await since()).length, { timeout: 60_000, message: name })
              .toBeGreaterThan(0);
            // Whatever is told of it is told by the time that the day answers again.
            await seat.view(MONDAY);
            const news = await since();
            expect(
              news.map(({ why }) => why),
              name,
            ).toEqual([code]);
            expect(await facts(seat), name).toEqual(before.facts);
            // The next one is news again.
            for (const { code: alert, subject } of news)
              await recoverAlert(seat.db, {
                account: 'main',
                code: alert,
                subject,
                message: 'looked at',
                at: new Date().toISOString(),
              });
          }
      };
      await refuseEach(forgeries);

      const file = join(installation.configDir, 'policy.yml');
      const policy = readFileSync(file, 'utf8');
      const ofFormer = await signed({ ...plain, operator: 'former' });
      writeFileSync(file, policy.replace(', former', ''));
      // By a name of its own, for a refusal of a message is known by it.
      await refuseEach([
        ['of an operator who was taken out', 'OPERATOR_UNKNOWN', () => ({ ...ofFormer, commandId: randomUUID() })],
      ]);
      writeFileSync(file, policy);

      // What was said holds, and again gets the first answer; after an amendment it is a replay.
      expect(await doors.update(genuine)).toMatchObject({ status: 'BOOKED' });
      expect(await doors.update(genuine)).toMatchObject({ status: 'BOOKED' });
      const amended = confirmCommand(ticketId, material, {
        amend: true,
        fills: plain.fills.map((fill) => ({ ...fill, notes: 'as it was' })),
      });
      expect(await doors.update(await signed(amended))).toMatchObject({ status: 'BOOKED' });
      // The day is over: whoever leaves something opens it again, and a plain signal finds nobody.
      const { signal, ...again } = doors;
      const replayed = { ...genuine, amend: true };
      await refuseEach([['replayed after an amendment', 'SIGNATURE_REPLAYED', () => replayed]], again);
      await expect(signal(replayed)).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
      expect(await seat.db('signatures').where({ fact: 'confirmations' })).toHaveLength(2);

      // Two amend it in the same moment: whoever comes second is told who came first, and nobody that it was forged.
      const amending = (operator: string, notes: string) =>
        signed(
          confirmCommand(ticketId, material, {
            amend: true,
            operator,
            fills: plain.fills.map((fill) => ({ ...fill, notes })),
          }),
        );
      const [one, other] = [await amending('demo', 'read again'), await amending('second', 'another row')];
      expect(await doors.update(one)).toMatchObject({ status: 'BOOKED' });
      const before = { facts: await facts(seat), told: await told(seat) };
      expect(await doors.update(other)).toMatchObject({
        status: 'REFUSED',
        reason: {
          code: 'ALREADY_CONFIRMED_DIFFERENTLY',
          message: expect.stringMatching(/^demo amended it at /) as string,
        },
      });
      expect({ facts: await facts(seat), told: await told(seat) }).toEqual(before);
      // What only says so is refused as before: changed, of a name that did not sign it, of nothing that ever was.
      const ofOther = (other.signature as Signed).attestation;
      const { version: _v, installation: _i, nonce: _n, at: _a, operator: _o, ...theirs } = ofOther;
      const resigned = async (changes: object) => ({
        ...other,
        signature: await seat.sign('second', { ...theirs, ...changes }),
      });
      await refuseEach(
        [
          ['changed, of two that amend at once', 'SIGNATURE_INVALID', () => ({ ...other, fills: plain.fills })],
          [
            'of another name, of two that amend at once',
            'SIGNATURE_OF_ANOTHER',
            () => ({ ...other, operator: 'demo' }),
          ],
          [
            'with a key of nobody, of two that amend at once',
            'SIGNATURE_INVALID',
            async () => ({
              ...other,
              signature: { ...((await sharedSigner('second', theirs)) as Signed), attestation: ofOther },
            }),
          ],
          ['amending what never was', 'SIGNATURE_OF_ANOTHER', () => resigned({ amends: randomUUID() })],
          ['amending nothing', 'SIGNATURE_OF_ANOTHER', () => resigned({ purpose: 'confirm', amends: null })],
        ],
        { update: doors.update },
      );
      // And a statement that was used is a replay, whatever it amended then.
      expect(await doors.update(await amending('second', 'a third time'))).toMatchObject({ status: 'BOOKED' });
      await refuseEach([['used, of two that amend at once', 'SIGNATURE_REPLAYED', () => one]], {
        update: doors.update,
      });
    }));
});

describe('a day that cannot be as it was started', { timeout: SLOW_MS }, () => {
  /** Each by an update, a signal that starts it and a bare start; none of them is a day of this installation's. */
  const DAYS: [what: string, day: (day: TradingDayInput) => [id: string, sent: unknown], code: string][] = [
    [
      'of the last date',
      (day) => [
        'trading-day/main/9999-12-31',
        { ...day, tradingDay: '9999-12-31', remindAt: [], escalateAt: '9999-12-31T16:00:00Z' },
      ],
      'MESSAGE_INVALID',
    ],
    ['of another date than its name', (day) => ['trading-day/main/2018-05-08', day], 'MESSAGE_INVALID'],
    ['of no shape', () => ['trading-day/main/2018-05-09', { clock: 1 }], 'MESSAGE_INVALID'],
    ['of nothing', () => ['trading-day/main/2018-05-10', undefined], 'MESSAGE_INVALID'],
    ['of no name', (day) => ['a-name-of-mine', day], 'MESSAGE_INVALID'],
    ['with another clock', (day) => [`trading-day/main/${MONDAY}`, { ...day, clock: 'real' }], 'ACCOUNT_DIFFERS'],
    [
      'of an account that is not here',
      (day) => [`trading-day/other/${MONDAY}`, { ...day, account: 'other' }],
      'ACCOUNT_UNKNOWN',
    ],
  ];

  it('stores nothing, is refused with its code and told, whatever is said to it', () =>
    withSeat({}, async (seat, { settings: { taskQueue } }) => {
      const at = londonInstant(MONDAY, '09:00');
      const place = { account: 'main', tradingDay: MONDAY };
      const figures = { snapshotDate: MONDAY, cash: '10000', positions: {}, notes: null, operator: 'demo', at };
      const before = await facts(seat);
      const known = new Set<string>();
      for (const [what, made, code] of DAYS) {
        const command = await signedSnapshot(seat.sign, place, { commandId: randomUUID(), ...figures });
        const [workflowId, sent] = made(tradingDayInput(ACCOUNT, MONDAY, seat.policy, at));
        const options = { workflowId, taskQueue, args: sent === undefined ? [] : [sent] };
        const ended = () =>
          expect
            .poll(() => seat.client.workflow.getHandle(workflowId).describe(), { timeout: 30_000 })
            .toMatchObject({ status: { name: 'FAILED' } });
        const asked = seat.client.workflow.executeUpdateWithStart(DAY_MESSAGES.reconcileUpdate, {
          args: [command],
          startWorkflowOperation: new WithStartWorkflowOperation('tradingDay', {
            ...options,
            workflowIdConflictPolicy: 'USE_EXISTING',
          }),
        });
        await expect(asked, what).rejects.toMatchObject({ cause: { type: code } });
        await ended();
        await seat.client.workflow.signalWithStart('tradingDay', {
          ...options,
          signal: DAY_MESSAGES.reconcile,
          signalArgs: [command],
        });
        await ended();
        await seat.client.workflow.start('tradingDay', options);
        await ended();
        const news = (await told(seat)).filter(({ alertId }) => !known.has(alertId));
        for (const { alertId } of news) known.add(alertId);
        // Of one that has the shape of a day what was left is told by its own name; once, as all else.
        const left = code === 'MESSAGE_INVALID' ? [] : [`reconcile ${command.commandId}`];
        expect(news.map(({ subject }) => subject).toSorted(), what).toEqual([...left, workflowId].toSorted());
        expect(news.find(({ subject }) => subject === workflowId)).toMatchObject({
          code: 'MESSAGE_REFUSED',
          why: code,
        });
      }
      expect(await facts(seat)).toEqual(before);
    }));
});

describe('a ticket that nobody ran for', { timeout: SLOW_MS }, () => {
  it("is not made of a morning's run, nor at another hour than its run's, whoever asks the day", () =>
    withSeat({}, async (seat, installation) => {
      const morning = await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const before = await facts(seat);
      const issue = (runId: string, at: string) =>
        askTradingDay(
          seat.client,
          installation.settings.taskQueue,
          tradingDayInput(ACCOUNT, MONDAY, seat.policy, at),
          DAY_MESSAGES.issueUpdate,
          randomUUID(),
          { runId, dryRun: true, at },
        );
      const refused = (rule: RegExp) => ({
        cause: { type: 'MESSAGE_INVALID', message: expect.stringMatching(rule) as unknown },
      });
      const early = londonInstant(MONDAY, '09:30');
      await expect(issue(morning.runId, early)).rejects.toMatchObject(refused(/must be of a 1400 run, not of 0800/));
      expect(await facts(seat)).toEqual(before);
      const { ticketId } = await seat.issue(MONDAY);
      const { run_id: afternoon } = (await seat.db('runs').where({ slot: '1400' }).first('run_id')) ?? { run_id: '' };
      await expect(issue(afternoon, early)).rejects.toMatchObject(refused(/must be the instant of its run/));
      expect(await seat.db('tickets').pluck('ticket_id')).toEqual([ticketId]);
    }));
});

describe('rows that were written around the program', { timeout: SLOW_MS }, () => {
  it('are named, and stop the 14:00 gate: bookings, rulings and resets that nobody signed, until somebody puts them right', () =>
    withSeat({ cadence: 'daily', mode: 'dry-run' }, async (seat, installation) => {
      await driveDay(seat, MONDAY);
      await seat.run('0800', TUESDAY);
      await seat.reconcile(TUESDAY);
      const { configDir, dataDir, settings } = installation;
      const asOwner = (...statements: string[]) =>
        withClient(settings.ownerDatabaseUrl as string, async (client) => {
          for (const statement of statements) await client.query(statement);
        });
      const named = async (): Promise<string[]> => {
        const { problems } = await verifySignatures(seat.db, await readKeyring({ configDir, dataDir }));
        return problems.map(({ fact, problem }) => `${fact}: ${problem}`);
      };
      let minute = 0;
      const ticket = () => seat.issue(TUESDAY, { time: `14:${String(++minute).padStart(2, '0')}` });
      expect(await named()).toEqual([]);

      // Latched by a person, unlatched by a row.
      const at = londonInstant(TUESDAY, '13:00');
      const engaged = ['kill-switch', 'engage', '--reason', 'a test', '--operator', 'demo', '--at', at];
      expect((await seat.cli(engaged)).code).toBe(0);
      await asOwner(`insert into kill_switch_events (account, event, reason, operator, at, idempotency_key)
        values ('main', 'RESET', 'all is well', 'demo', '${at}', 'main/RESET/forged')`);
      expect(await named()).toEqual(['kill_switch_events: SIGNATURE_MISSING: nobody signed it']);
      const unlatched = await ticket();
      expect(unlatched.reasons.map(({ code }) => code)).toEqual(['BOOKS_BROKEN']);
      expect((await seat.cli(['ticket', 'verify', unlatched.ticketId])).code).toBe(0);
      // Engaged and reset by a person, the forged one is of the past: it stays named.
      for (const verb of ['engage', 'reset'])
        expect(
          (await seat.cli(['kill-switch', verb, '--reason', 'looked at', '--operator', 'demo', '--at', at])).code,
        ).toBe(0);
      expect(await named()).toEqual(['kill_switch_events: SIGNATURE_MISSING: nobody signed it']);

      // Cash from nowhere.
      const cash = (amount: number, of: string, columns = '', values = '') =>
        `with entry as (insert into journal_entries
           (account, book, kind, effective_date, booked_at, description, operator, idempotency_key${columns})
           values ('main', 'ledger', 'DEPOSIT', '${TUESDAY}', '${at}', 'cash from nowhere', 'demo', '${of}'${values})
           returning entry_id)
         insert into postings (entry_id, line_no, ledger_account, commodity, amount)
           select entry_id, line, account, 'USD', amount from entry,
             (values (1, 'Assets:Cash', ${amount}), (2, 'Equity:Transfers', -${amount})) as lines (line, account, amount)`;
      await asOwner(cash(500, 'forged'));
      expect((await named())[0]).toBe('journal_entries: SIGNATURE_MISSING: nobody signed it');
      const richer = await ticket();
      expect(richer.reasons.map(({ code }) => code)).toContain('BOOKS_BROKEN');
      expect(richer.reasons.find(({ code }) => code === 'BOOKS_BROKEN')?.message).toMatch(/journal_entries \d+: SIG/);
      const books = await seat.cli(['books', 'verify']);
      expect(books).toMatchObject({
        code: 2,
        stdout: expect.stringMatching(/I4: journal_entries \d+: SIGNATURE_MISS/),
      });
      expect((await listAlerts(seat.db)).filter(({ code }) => code === 'BOOKS_BROKEN')).toHaveLength(1);
      // Whoever takes it back signs.
      const entry = (await seat.db('journal_entries').where({ idempotency_key: 'forged' }).first('entry_id'))?.entry_id;
      const taken = ['--entry', String(entry), '--reason', 'nobody deposited it', '--operator', 'demo', '--at', at];
      expect((await seat.cli(['ledger', 'reverse', ...taken])).code).toBe(0);
      expect((await seat.cli(['books', 'verify'])).code).toBe(0);
      await seat.reconcile(TUESDAY, { time: '14:03' });
      expect(await ticket()).toMatchObject({ reasons: [] });

      // In the name of an answer or of a snapshot that somebody did sign: it is not what they signed.
      const { confirmation_id: answer } = (await seat.db('confirmations').first('confirmation_id')) ?? {};
      const { command_id: snapshot } =
        (await seat.db('reconciliations').orderBy('seq', 'desc').first('command_id')) ?? {};
      const entryOf = async (kind: 'FILL' | 'OPENING') =>
        (await seat.db('journal_entries').where({ kind }).first('entry_id', 'book')) ?? { entry_id: 0, book: null };
      const [filled, opened] = [await entryOf('FILL'), await entryOf('OPENING')];
      expect([filled.book, opened.book]).toEqual(['paper', 'ledger']);
      const takingBack = (entryId: number) =>
        cash(500, 'taken back', ', confirmation_id, reverses_entry_id', `, '${answer}', ${entryId}`).replace(
          "'DEPOSIT'",
          "'REVERSAL'",
        );
      // What the other book says is taken back in none but its own.
      await expect(asOwner(takingBack(filled.entry_id))).rejects.toThrow('journal_entries_reverses_own_fkey');
      const borrowed = [
        cash(500, 'forged too', ', confirmation_id', `, '${answer}'`),
        cash(500, `opening:${snapshot}`),
        cash(500, `fill:${answer}:9`, ', confirmation_id', `, '${answer}'`).replace("'DEPOSIT'", "'FILL'"),
        takingBack(opened.entry_id),
      ];
      for (const statement of borrowed) await asOwner(statement);
      const forged = await seat
        .db('journal_entries')
        .orderBy('entry_id', 'desc')
        .limit(borrowed.length)
        .pluck('entry_id');
      const nobodys = forged.map((id) => ({ ids: [String(id)], problem: 'SIGNATURE_MISSING: nobody signed it' }));
      const { problems } = await verifySignatures(seat.db, await readKeyring({ configDir, dataDir }));
      expect(problems).toEqual(expect.arrayContaining(nobodys.map((one) => expect.objectContaining(one) as unknown)));
      await seat.run('0800', WEDNESDAY);
      await seat.reconcile(WEDNESDAY);
      const stopped = (await seat.issue(WEDNESDAY)).reasons.find(({ code }) => code === 'BOOKS_BROKEN');
      // The first few are named.
      for (const id of forged.toReversed().slice(0, 3))
        expect(stopped?.message).toContain(`journal_entries ${id}: SIGNATURE_MISSING`);

      // What a human is said to have ruled.
      await asOwner(`insert into action_rulings (symbol, ex_date, kind, ruling, reason, operator, ruled_at)
        values ('AAPL', '2018-05-01', 'DIVIDEND', 'ignore', 'a forgery', 'demo', '${at}')`);
      expect((await seat.cli(['books', 'verify'])).stdout).toMatch(/I4: action_rulings \d+: SIGNATURE_MISSING/);
    }));

  const VALUED =
    'account as_of_date run_id cash positions_value equity net_flows equity_index peak_index last_entry_id'.split(' ');
  /** Five thousand that nobody holds. */
  const HELD_MORE = { positions_value: 'positions_value + 5000', equity: 'equity + 5000' };

  /** Statements by the application's role, or by whoever owns the tables, and who says no to what came of them. */
  type Written = [what: string, by: 'app' | 'owner', statements: string[], says: Partial<Record<keyof Said, RegExp>>];
  interface Said {
    refused: string;
    gates: string;
    signatures: string;
    audit: string;
    books: string;
  }

  it('borrow nothing: no statement, no number from before, no circle, no rules and no facts of their own', () =>
    withSeat({ cadence: 'daily', mode: 'dry-run' }, async (seat, installation) => {
      const { ticketId } = await driveDay(seat, MONDAY);
      await seat.run('0800', TUESDAY);
      const at = londonInstant(TUESDAY, '13:00');
      const asked = async (...args: string[]) => {
        expect((await seat.cli([...args, '--operator', 'demo', '--at', at])).code).toBe(0);
      };
      await asked('cash', 'deposit', '--account', 'main', '--amount', '10', '--date', TUESDAY);
      await seat.reconcile(TUESDAY, { time: '13:30', cash: '10010.00' });
      for (const verb of ['engage', 'reset', 'engage']) await asked('kill-switch', verb, '--reason', 'a test');
      const { configDir, dataDir, settings } = installation;
      const databases = { app: seat.db, owner: connect(settings.ownerDatabaseUrl as string, 2) };
      const { run_id: runId } = (await seat.db('runs').orderBy('seq', 'desc').first('run_id')) ?? {};
      const { run, policy, universe } = await loadRunContext(seat.db, runId as string);
      const keyring = await readKeyring({ configDir, dataDir });

      /** What everybody says of what a transaction has written, which is taken back. */
      const saidOf = async (by: Written[1], write: (trx: Knex.Transaction) => Promise<unknown>): Promise<Said> => {
        const said: Said = { refused: '', gates: '', signatures: '', audit: '', books: '' };
        const trx = await databases[by].transaction();
        try {
          await write(trx);
          await trx.raw('set constraints all immediate');
          // Whoever looks within it sees what is not committed.
          const seen: Knex = new Proxy(trx, {
            get: (of: Knex.Transaction, name) =>
              name === 'transaction' ? (work: (db: Knex) => unknown) => work(seen) : Reflect.get(of, name),
          });
          const scope = { account: 'main', run, policy, universe, mode: 'live', at, keyring } as const;
          const { gates } = decideTicket(await loadDecisionFacts(seen, scope));
          said.gates = gates.flatMap(({ reasons }) => reasons.map(({ code, message }) => `${code} ${message}`)).join();
          said.signatures = JSON.stringify((await verifySignatures(seen, keyring)).problems);
          said.audit = JSON.stringify(await factBreaks(seen));
          const keys = { configDir, dataDir };
          said.books = (await brokenBooks({ db: seen, kept: null, slots: null, keys })).map(violationText).join();
        } catch (error) {
          said.refused = (error as Error).message;
        } finally {
          await trx.rollback();
        }
        return said;
      };
      const SOUND = { refused: '', signatures: '[]', audit: '[]', books: '' };
      expect(await saidOf('owner', () => Promise.resolve())).toMatchObject(SOUND);

      const reset = (column = '', value = '') => `
        insert into kill_switch_events (account, event, reason, operator, at, idempotency_key${column})
          values ('main', 'RESET', 'all is well', 'demo', '${at}', 'main/RESET/forged'${value})`;
      /** The newest valuation again, as of another run, with other figures. */
      const valued = (changes: Record<string, string>, besides = '') => {
        const unused = '(select run_id from runs where run_id not in (select run_id from valuations) limit 1)';
        const values = Object.fromEntries(VALUED.map((column) => [column, column]));
        return `insert into valuations (${VALUED.join(', ')})
          select ${Object.values({ ...values, run_id: unused, ...changes }).join(', ')}
            from (select * from valuations where account = 'main' order by seq desc limit 1) newest ${besides}`;
      };
      const entry = (
        kind: string,
        key: string,
        columns = '',
        values = '',
        lines = `
          (1, 'Assets:Cash', 'USD', 500.0), (2, 'Equity:Transfers', 'USD', -500.0)`,
      ) => `
        with entry as (insert into journal_entries
            (account, book, kind, effective_date, booked_at, description, operator, idempotency_key${columns})
            overriding system value
            values ('main', 'ledger', '${kind}', '${TUESDAY}', '${at}', 'a forgery', 'demo', '${key}'${values})
            returning entry_id)
        insert into postings (entry_id, line_no, ledger_account, commodity, amount)
          select entry_id, lines.* from entry, (values ${lines}) as lines (line_no, of, commodity, amount)`;
      const repeated = (fact: string, ids: string) => `
        insert into signatures (nonce, purpose, account, operator, attestation, attestation_hash, kind, key, signature,
            fact, fact_ids, content)
          select md5(random()::text), purpose, account, operator, attestation, md5(random()::text), kind, key,
            signature, fact, array[${ids}], content from signatures where fact = '${fact}' order by seq desc limit 1`;
      const [ticket, one, other] = [randomUUID(), randomUUID(), randomUUID()];
      const ticketOf = (day: string) => `
        insert into tickets (ticket_id, account, trading_day, as_of_date, kind, dry_run, material_hash, material,
            reasons, run_id, issued_at, window_opens_at, window_closes_at, policy_hash, universe_hash, snapshot_id)
          select '${ticket}', account, '${day}', as_of_date, kind, false, material_hash, material, reasons, run_id,
            issued_at, window_opens_at, window_closes_at, policy_hash, universe_hash, snapshot_id
            from tickets where ticket_id = '${ticketId}'`;
      const line = { sequence: 1, internalSymbol: 'AAPL', side: 'BUY', executedStatus: 'DONE' };
      const FILL = JSON.stringify({ ...line, units: '1', executedValueBase: '5' });
      const answers = (...rows: [id: string, amends: string | null][]) => `
        insert into confirmations (confirmation_id, ticket_id, kind, content, content_hash, amends_confirmation_id,
            operator, confirmed_at)
          values ${rows
            .map(
              ([id, amends]) => `('${id}', '${ticket}', 'FILLS', '{"kind":"FILLS","fills":[${FILL}]}',
              repeat('a', 64), ${amends === null ? 'null' : `'${amends}'`}, 'demo', '${at}')`,
            )
            .join()}`;
      const bought = entry(
        'FILL',
        `fill:${one}:1`,
        ', confirmation_id',
        `, '${one}'`,
        `
          (1, 'Assets:Units', 'AAPL', 1.0), (2, 'Equity:Trading', 'AAPL', -1.0),
          (3, 'Assets:Cash', 'USD', -5.0), (4, 'Equity:Trading', 'USD', 5.0)`,
      );
      const circle = [ticketOf('2018-05-04'), answers([one, other], [other, one])];
      const unguarded = (table: string, trigger: string) => `alter table ${table} disable trigger ${trigger}`;
      const later = /recorded later/;
      const missing = /SIGNATURE_MISSING/;
      const broken = { gates: /BOOKS_BROKEN.*SIGNATURE_MISSING/, signatures: missing, books: missing };
      const table: Written[] = [
        [
          'a reset with the statement of another',
          'app',
          [reset(), repeated('kill_switch_events', `'main/RESET/forged'`)],
          broken,
        ],
        [
          'cash with the statement of other cash',
          'app',
          [
            entry('DEPOSIT', 'f').replace('overriding system value', ''),
            repeated('journal_entries', '(select max(entry_id)::text from journal_entries)'),
          ],
          broken,
        ],
        [
          'fills of a ticket of a day to come',
          'app',
          [ticketOf('2030-01-02'), answers([one, null]), bought.replace('overriding system value', '')],
          { gates: /TICKET_UNCONFIRMED.*SIGNATURE_MISSING/, signatures: missing, books: missing },
        ],
        [
          'an answer that nobody can read',
          'app',
          [
            ticketOf('2018-05-04'),
            answers([one, null]).replace(FILL, `1, null, {"units": {}}, ${FILL.replace('"1"', '"much"')}`),
          ],
          { gates: /TICKET_UNCONFIRMED.*SIGNATURE_MISSING/, signatures: missing, books: missing },
        ],
        ['confirmations that amend each other', 'app', circle, { refused: /amends one that is not there/ }],
        [
          'the same by the owner, with fills',
          'owner',
          [unguarded('confirmations', 'confirmations_live_trg'), ...circle, bought],
          {
            gates: /TICKET_UNCONFIRMED.*BOOKS_BROKEN/,
            signatures: missing,
            books: /I5: .*no confirmation of it is in force/,
          },
        ],
        ['a reset from before signatures', 'owner', [reset(', seq', ', -1')], { ...broken, audit: later }],
        [
          'cash from before signatures',
          'owner',
          [entry('DEPOSIT', 'f', ', entry_id', ', -1')],
          { ...broken, audit: later },
        ],
        [
          'a ruling from before signatures',
          'owner',
          [
            `insert into action_rulings (ruling_id, symbol, ex_date, kind, ruling, reason, operator, ruled_at)
            overriding system value values (-1, 'AAPL', '2018-05-01', 'DIVIDEND', 'ignore', 'x', 'demo', '${at}')`,
          ],
          { ...broken, audit: later },
        ],
        [
          'a later beginning of signatures',
          'owner',
          [
            'drop index signing_since_single_uniq',
            `insert into signing_since values (1000000, 1000000, 1000000)`,
            reset(),
          ],
          broken,
        ],
        [
          'a valuation that hides a fall',
          'app',
          [valued({ equity_index: 'equity_index * 1.5', peak_index: 'peak_index * 1.5' })],
          { books: /I3: main valuation of 2018-05-07: equity index 1\.5\d*, and it comes to 1/ },
        ],
        [
          'a valuation of positions that are not held, which fits in itself',
          'app',
          [valued(HELD_MORE)],
          { books: /I3: main valuation of 2018-05-07: positions 5000\.00, and the holdings come to 0\.00/ },
        ],
        [
          'the same beneath many of earlier dates',
          'app',
          [
            valued(HELD_MORE),
            valued({ as_of_date: 'as_of_date - place' }, 'cross join generate_series(1, 45) as place'),
          ],
          { books: /I3: main valuation of 2018-05-07: positions 5000\.00, and the holdings come to 0\.00/ },
        ],
        [
          'a valuation of long ago that is written now',
          'app',
          [
            valued({ as_of_date: 'as_of_date - place' }, 'cross join generate_series(1, 45) as place'),
            valued({ ...HELD_MORE, as_of_date: `'2018-01-08'` }),
          ],
          { books: /I3: main valuation of 2018-01-08: positions 5000\.00, and the holdings come to 0\.00/ },
        ],
        [
          'a valuation by a run with rules of its own',
          'app',
          [
            `insert into config_versions (content_hash, kind, content)
              select repeat('e', 64), kind, jsonb_set(content, '{market_data,provider}', '"yahoo"')
                from config_versions where content_hash = '${run.policyHash}'`,
            `insert into runs
                (run_id, slot, trading_day, as_of_date, at, workflow_id, operator, policy_hash, universe_hash)
              select '11111111-1111-4111-8111-111111111111', slot, trading_day, as_of_date, at, 'w', 'schedule',
                repeat('e', 64), universe_hash from runs where run_id = '${run.runId}'`,
            valued({ ...HELD_MORE, run_id: `cast('11111111-1111-4111-8111-111111111111' as uuid)` }),
          ],
          { books: /I3: main valuation of 2018-05-07: policy eeeeeeeeeeee is stored with another content/ },
        ],
        [
          'a valuation with a withdrawal that nobody booked, which fits in itself',
          'app',
          [valued({ as_of_date: `'2018-05-08'`, net_flows: '-5000', equity_index: '1.5', peak_index: '1.5' })],
          { books: /I3: main valuation of 2018-05-08: flows -5000\.00, and the ledger's are 0\.00/ },
        ],
        [
          'lines added to what somebody signed',
          'owner',
          [
            unguarded('postings', 'postings_with_parent_trg'),
            `insert into postings (entry_id, line_no, ledger_account, commodity, amount)
              select entry_id, lines.* from journal_entries,
                (values (8, 'Assets:Cash', 'USD', 500.0), (9, 'Equity:Transfers', 'USD', -500.0)) as lines
               where kind = 'DEPOSIT'`,
          ],
          {
            gates: /BOOKS_BROKEN.*SIGNATURE_INVALID/,
            signatures: /it has 4 postings, not 2/,
            audit: /postings","key":"\d+\/8","problem":"was added to what had been recorded before/,
            books: /I4: postings/,
          },
        ],
      ];
      for (const [what, by, statements, says] of table) {
        const said = await saidOf(by, async (trx) => {
          for (const statement of statements) await trx.raw(statement);
        });
        for (const [who, no] of Object.entries(says)) expect(said[who as keyof Said], `${what}: ${who}`).toMatch(no);
        if (!says.refused) expect(said.refused, what).toBe('');
      }

      // A ticket with facts of its own: its id and its hash come out of them.
      const facts = (await ticketFacts(seat.db, ticketId)) as DecisionFacts;
      const richer: DecisionFacts = {
        ...facts,
        tradingDay: WEDNESDAY,
        ledger: { ...facts.ledger, cash: '1000000' },
        snapshot: facts.snapshot && { ...facts.snapshot, cash: '1000000' },
        signatures: undefined as never,
      };
      const { material } = decideTicket(richer);
      expect(material.kind).toBe('TRADE');
      const hash = materialHash(material);
      const id = idOf('main', WEDNESDAY, hash);
      const forged = { ticketId: id, material, materialHash: hash, reasons: [], runId: runId as string, issuedAt: at };
      const { books } = await saidOf('app', (trx) => insertTicket(trx, { ...forged, facts: richer }));
      expect(books).toMatch(new RegExp(`I8: main ticket ${id}: .*ledger cash: 1000000 when issued, 10000 now`));

      // A run with rules of its own, as a schedule's; and rules of its own under a hash of others.
      const rules = { ...policy, risk: { ...policy.risk, max_drawdown: 0.99 } };
      const place = { db: seat.db, dataDir, configDir, now: () => at };
      for (const [policyHash, no, time] of [
        [contentHash(rules), /pins a policy that the files did not say/, '14:00'],
        [contentHash('others'), /policy [0-9a-f]{12} is stored with another content/, '14:01'],
      ] as const) {
        const own = randomUUID();
        await storeConfiguration(seat.db, 'policy', policyHash, rules);
        const at14 = londonInstant(TUESDAY, time);
        const ids = { runId: own, workflowId: own };
        await insertRun(seat.db, { ...run, ...ids, slot: '1400', at: at14, operator: 'schedule', policyHash });
        const asked14 = { account: 'main', tradingDay: TUESDAY, runId: own, dryRun: false };
        const reply = await issueTicket(place, { ...asked14, at: at14 });
        expect(reply.reasons.find(({ code }) => code === 'BOOKS_BROKEN')?.message).toMatch(no);
        expect((await seat.cli(['ticket', 'verify', reply.ticketId])).code).toBe(0);
      }

      // What the drawdown is judged by: what came since the ticket of the day before is valued anew.
      await seat.db.raw(valued(HELD_MORE));
      const afternoon = { runId: randomUUID(), workflowId: randomUUID(), slot: '1400' as const };
      const at14 = londonInstant(TUESDAY, '14:02');
      await insertRun(seat.db, { ...run, ...afternoon, at: at14, operator: 'schedule' });
      const asked14 = { account: 'main', tradingDay: TUESDAY, runId: afternoon.runId, dryRun: false, at: at14 };
      const { reasons } = await issueTicket(place, asked14);
      const told = /I3: main valuation of 2018-05-07: positions 5000\.00, and the holdings come to 0\.00/;
      expect(reasons.find(({ code }) => code === 'BOOKS_BROKEN')?.message).toMatch(told);
      const alerts = await seat.db('alerts').where({ code: 'BOOKS_BROKEN' }).pluck('message');
      expect(alerts.filter((message) => told.test(message))).toHaveLength(1);
      await databases.owner.destroy();
    }));
});
