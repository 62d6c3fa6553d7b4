import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  DAY_MESSAGES,
  type ConfirmCommand,
  type ConfirmReply,
  type ReconcileCommand,
  type ReconcileReply,
} from '../../src/contract/day-messages.js';
import { listAlerts } from '../../src/db/alerts.js';
import type { Signed } from '../../src/domain/signing/attestation.js';
import { askTradingDay, tradingDayInput } from '../../src/operations/day/ask.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import {
  CASH,
  confirmCommand,
  driveDay,
  fillsOf,
  MONDAY,
  TUESDAY,
  withSeat,
  writeFills,
  type TestSeat,
} from '../support/day.js';
import { sharedSigner, signedAnswer, signedSnapshot } from '../support/signing.js';
import type { Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const SLOW_MS = 240_000;
const ACCOUNT = { account: 'main', baseCurrency: 'USD', clock: 'simulated' } as const;

/** Asks the day by an update, as any client of the server may. */
function asked<Reply>(
  seat: TestSeat,
  { settings }: Installation,
  update: string,
  command: { at: string },
): Promise<Reply> {
  const day = tradingDayInput(ACCOUNT, MONDAY, seat.policy, command.at);
  return askTradingDay<Reply>(seat.client, settings.taskQueue, day, update, randomUUID(), command);
}

const refusals = async (seat: TestSeat): Promise<string[]> =>
  (await listAlerts(seat.db)).filter(({ code }) => code === 'SIGNATURE_REFUSED').map(({ subject }) => subject);
const facts = async (seat: TestSeat) => ({
  ...(await fingerprint(seat.db)),
  alerts: '',
  audit_log: '',
  fact_digests: '',
});

describe('who said it', { timeout: SLOW_MS }, () => {
  it('has to be signed for this very thing: every forgery has its code, leaves no row, and is told once', () =>
    withSeat({ operators: ['demo', 'second'] }, async (seat, installation) => {
      await seat.run('0800', MONDAY);
      const place = { account: 'main', tradingDay: MONDAY };
      const plain = {
        commandId: 'forged',
        snapshotDate: MONDAY,
        cash: CASH,
        positions: {},
        notes: null,
        operator: 'demo',
        at: londonInstant(MONDAY, '09:00'),
      };
      const signed = await signedSnapshot<ReconcileCommand>(seat.sign, place, plain);
      const signature = signed.signature as Signed;
      const said = async (command: object, sender: object = {}) =>
        (
          await asked<ReconcileReply>(seat, installation, DAY_MESSAGES.reconcileUpdate, {
            ...plain,
            ...command,
            ...sender,
          })
        ).refusal?.code;
      // The day that the run began opens by itself, in its own time.
      await vi.waitFor(async () => expect(await seat.db('day_events')).toHaveLength(1), { timeout: 20_000 });
      const before = await facts(seat);
      expect(await said({})).toBe('SIGNATURE_MISSING');
      expect(await said({ signature: 'demo' })).toBe('SIGNATURE_INVALID');
      expect(await said({ signature: { ...signature, signature: '0'.repeat(128) } })).toBe('SIGNATURE_INVALID');
      expect(await said({ signature, cash: '10000.01' })).toBe('SIGNATURE_INVALID');
      expect(await said({ signature, operator: 'second' })).toBe('SIGNATURE_OF_ANOTHER');
      expect(await said(await signedSnapshot(sharedSigner, place, plain))).toBe('SIGNATURE_OF_ANOTHER');
      for (const other of [
        { account: 'other', tradingDay: MONDAY },
        { account: 'main', tradingDay: TUESDAY },
      ])
        expect(await said(await signedSnapshot(seat.sign, other, plain))).toBe('SIGNATURE_OF_ANOTHER');
      await seat.signal(MONDAY, DAY_MESSAGES.reconcile, { ...plain, signature: null });
      await seat.viewWhen(MONDAY, ({ rejected }) => rejected.length > 0);
      expect(await facts(seat)).toEqual(before);
      expect(await refusals(seat)).toEqual([`reconcile main ${MONDAY}`]);
      expect((await listAlerts(seat.db)).map(({ code }) => code)).not.toContain('MESSAGE_REFUSED');
      // The same that was signed goes through, and again gets the first answer.
      const first = await asked<ReconcileReply>(seat, installation, DAY_MESSAGES.reconcileUpdate, signed);
      expect(first.status).toBe('PASS');
      expect(await asked<ReconcileReply>(seat, installation, DAY_MESSAGES.reconcileUpdate, signed)).toEqual(first);
      expect(await seat.db('signatures').where({ fact: 'reconciliations' })).toHaveLength(1);
    }));

  it('stops a replay after an amendment, a name that was taken out, and the installation once a person has a key', () =>
    withSeat({ operators: ['demo', 'second'] }, async (seat, installation) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      const { material } = await seat.ticket(ticketId);
      const place = { account: 'main', tradingDay: MONDAY };
      const sign = (command: ConfirmCommand) => signedAnswer(seat.sign, seat.db, place, command);
      const say = (command: ConfirmCommand) =>
        asked<ConfirmReply>(seat, installation, DAY_MESSAGES.confirmUpdate, command);
      const first = await sign(confirmCommand(ticketId, material, {}));
      expect((await say(first)).status).toBe('BOOKED');
      const fills = first.fills.map((fill) => ({ ...fill, notes: 'as it was' }));
      const amended = await sign(confirmCommand(ticketId, material, { fills, amend: true }));
      expect((await say(amended)).status).toBe('BOOKED');
      const before = await facts(seat);
      expect((await say({ ...first, amend: true })).reason?.code).toBe('SIGNATURE_REPLAYED');
      const { configDir } = installation;
      const policy = readFileSync(join(configDir, 'policy.yml'), 'utf8');
      writeFileSync(join(configDir, 'policy.yml'), policy.replace('[demo, second]', '[second]'));
      expect((await say(await sign(confirmCommand(ticketId, material, { fills })))).reason?.code).toBe(
        'OPERATOR_UNKNOWN',
      );
      writeFileSync(join(configDir, 'policy.yml'), policy);
      const keyed = { env: { TRADING_OPS_KEY_PASSWORD: 'a passphrase of many words' } };
      const made = await seat.cli(['operator', 'key', 'new', '--operator', 'demo', '--json'], keyed);
      const { fingerprint: name, file } = JSON.parse(made.stdout) as { fingerprint: string; file: string };
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).toContain('ENCRYPTED');
      for (const verb of ['approve', 'end'])
        expect(await seat.cli(['operator', verb, 'nobodys'])).toMatchObject({
          code: 2,
          stderr: expect.stringMatching(/^KEY_UNKNOWN: fingerprint: nobodys: /),
        });
      expect((await seat.cli(['operator', 'approve', name])).code).toBe(0);
      expect((await say(await sign(confirmCommand(ticketId, material, { fills })))).reason?.code).toBe(
        'SIGNATURE_OF_ANOTHER',
      );
      expect(await facts(seat)).toEqual(before);
      expect(await refusals(seat)).toEqual([`confirm main ${MONDAY}`]);
      const reset = ['alerts', 'ack', (await listAlerts(seat.db))[0]?.alertId ?? '', '--operator', 'demo'];
      const typed = [...reset, '--reason', 'a test', '--at', londonInstant(MONDAY, '16:00')];
      expect(await seat.cli(typed)).toMatchObject({ code: 64, stderr: expect.stringMatching(/^PASSPHRASE_MISSING: /) });
      const wrong = { env: { TRADING_OPS_KEY_PASSWORD: 'something else' } };
      expect(await seat.cli(typed, wrong)).toMatchObject({
        code: 64,
        stderr: expect.stringMatching(/^PASSPHRASE_WRONG/),
      });
      expect((await seat.cli(typed, keyed)).code).toBe(0);
      expect(await seat.db('signatures').where({ kind: 'ed25519' }).pluck('operator')).toEqual(['demo']);
      expect((await seat.cli(['operator', 'end', name])).code).toBe(0);
      expect(await seat.cli(typed, keyed)).toMatchObject({ code: 2, stderr: expect.stringMatching(/^KEY_NOT_HERE/) });
      expect(await seat.cli(['signatures', 'verify'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('SIGNATURES_WHOLE'),
      });
      appendFileSync(join(configDir, 'operators.keys'), 'demo,rsa,x,,,,\n');
      expect(await seat.cli(['operator', 'list'])).toMatchObject({
        code: 64,
        stderr: expect.stringMatching(/^KEYS_INVALID: .*operators\.keys:3: kind: "rsa": must be/),
      });
    }));

  it('is asked again at 14:00: rows that were written around the program stop trading, and are named', () =>
    withSeat({ cadence: 'daily', mode: 'dry-run' }, async (seat, installation) => {
      await driveDay(seat, MONDAY);
      await seat.run('0800', TUESDAY);
      await seat.reconcile(TUESDAY);
      const owner = installation.settings.ownerDatabaseUrl as string;
      const asOwner = (statement: string) => withClient(owner, (client) => client.query(statement));
      const off = (table: string) => asOwner(`alter table ${table} disable trigger ${table}_append_only_trg`);
      await off('signatures');
      await asOwner(`update signatures set signature = repeat('0', 128) where fact = 'confirmations'`);
      const ticketOf = async (time: string) => seat.issue(TUESDAY, { time });
      const blocked = await ticketOf('14:00');
      expect(blocked.reasons.map(({ code }) => code)).toEqual(['TICKET_UNCONFIRMED']);
      const verified = await seat.cli(['signatures', 'verify']);
      expect(verified).toMatchObject({ code: 2, stdout: expect.stringMatching(/SIGNATURES_BROKEN\nconfirmations /) });
      await asOwner(
        `delete from signatures where fact = 'confirmations' or (fact = 'reconciliations' and account = 'main')`,
      );
      const unsaid = await ticketOf('14:10');
      expect(unsaid.reasons.map(({ code }) => code).toSorted()).toEqual(['SNAPSHOT_MISSING', 'TICKET_UNCONFIRMED']);
      expect((await seat.cli(['signatures', 'verify'])).stdout).toContain('SIGNATURE_MISSING: nobody signed it');
      // Decided again from what was pinned with it.
      expect((await seat.cli(['ticket', 'verify', unsaid.ticketId])).code).toBe(0);
      await seat.reconcile(TUESDAY, { time: '14:11' });
      const monday = (await seat.db('tickets').where({ trading_day: MONDAY }).first('ticket_id'))?.ticket_id as string;
      await seat.confirm(monday);
      expect(await ticketOf('14:20')).toMatchObject({ kind: 'TRADE', supersedes: unsaid.ticketId });
    }));

  it('is two people where the policy wants two', () =>
    withSeat(
      { cadence: 'daily', mode: 'dry-run', operators: ['demo', 'second', 'third'] },
      async (seat, { configDir }) => {
        appendFileSync(join(configDir, 'policy.yml'), 'confirmations: { signatures: 2 }\n');
        const monday = await driveDay(seat, MONDAY);
        await seat.run('0800', TUESDAY);
        await seat.reconcile(TUESDAY);
        expect((await seat.issue(TUESDAY)).reasons).toMatchObject([
          { code: 'TICKET_UNCONFIRMED', message: expect.stringContaining('demo signed it, and 2 people must') },
        ]);
        // The same again by whoever signed it adds nothing.
        await seat.confirm(monday.ticketId);
        // The machine's key is whoever's that sits there, whatever name is typed: it is nobody's second signature.
        expect((await seat.confirm(monday.ticketId, { operator: 'second' })).reason).toMatchObject({
          code: 'OWN_KEY_NEEDED',
          message: expect.stringContaining('second has no key of their own'),
        });
        expect(await seat.db('alerts').pluck('code')).not.toContain('SIGNATURE_OF_ANOTHER');
        expect(await seat.db('signatures').where({ fact: 'confirmations' }).pluck('operator')).toEqual(['demo']);
        const { material } = await seat.ticket(monday.ticketId);
        const fills = writeFills(join(configDir, 'fills.json'), fillsOf(material));
        const signers = () => seat.db('signatures').where({ fact: 'confirmations' }).orderBy('seq').pluck('operator');
        for (const [index, operator] of ['second', 'third'].entries()) {
          expect((await seat.issue(TUESDAY, { time: `14:1${index}` })).reasons[0]?.code).toBe('TICKET_UNCONFIRMED');
          await keyOf(seat, operator);
          const typed = ['confirm-fills', '--ticket', monday.ticketId, '--fills', fills, '--operator', operator];
          const said = await seat.cli([...typed, '--at', londonInstant(MONDAY, '15:30')], KEYED);
          expect(said, said.stderr).toMatchObject({ code: 0 });
          // Each command that shows the answer says what is still wanted of it.
          const shown = [
            said,
            await seat.cli(['day', '--trading-day', MONDAY]),
            await seat.cli(['ticket', 'show', monday.ticketId]),
          ].map(({ stdout }) => stdout.includes('Waits for the signature of another person: '));
          expect(shown).toEqual(shown.map(() => operator === 'second'));
          // So does the next day, before everything of its own.
          const next = (await seat.cli(['day'])).stdout;
          const isOlder = [`ticket of ${MONDAY} waits for the signature`, `ticket show ${monday.ticketId}`];
          expect(isOlder.map((text) => next.replaceAll(/\s+/g, ' ').includes(text))).toEqual(
            isOlder.map(() => operator === 'second'),
          );
          const { stdout: list } = await seat.cli(['tickets-last']);
          expect(list.includes('waits for the signature of another person')).toBe(operator === 'second');
          await vi.waitFor(async () => expect((await signers()).at(-1)).toBe(operator));
        }
        expect(await signers()).toEqual(['demo', 'second', 'third']);
        expect((await seat.issue(TUESDAY, { time: '14:20' })).kind).toBe('TRADE');
      },
    ));
});

const KEYED = { env: { TRADING_OPS_KEY_PASSWORD: 'a passphrase of many words' } };

/** A key of their own for an operator, approved. */
async function keyOf(seat: TestSeat, operator: string): Promise<void> {
  const made = await seat.cli(['operator', 'key', 'new', '--operator', operator, '--json'], KEYED);
  const { fingerprint } = JSON.parse(made.stdout) as { fingerprint: string };
  expect((await seat.cli(['operator', 'approve', fingerprint])).code).toBe(0);
}
