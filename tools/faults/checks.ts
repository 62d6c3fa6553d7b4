import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { askBackup } from '../../src/operations/backup/ask-backup.js';
import { verifyBackups } from '../../src/operations/backup/verify.js';
import { violationText } from '../../src/operations/guard/tell-books.js';
import { brokenBooks } from '../../src/operations/guard/verify-books.js';
import type { FactsScope } from '../../src/operations/guard/prove-facts.js';
import { installationPaths } from '../../src/runtime/paths.js';
import type { IsoDate } from '../../src/domain/types.js';
import type { House } from './house.js';

/** What the system said is done: it must be found again, whatever happened since. */
export interface Acknowledged {
  tickets: { day: IsoDate; ticketId: string }[];
  confirmations: { day: IsoDate; confirmationId: string }[];
  /** Ids of all snapshots that somebody who may has sent. */
  said: Set<string>;
}

export const nothingAcknowledged = (): Acknowledged => ({ tickets: [], confirmations: [], said: new Set() });

/** Everything that does not hold after a day, a line each. */
export async function brokenAfterDay(
  house: House,
  {
    day,
    isTicketed,
    acknowledged,
    facts,
  }: { day: IsoDate; isTicketed: boolean; acknowledged: Acknowledged; facts: FactsScope },
): Promise<string[]> {
  const { db, installation } = house;
  const { dataDir, configDir } = installation;
  const kept = { dataDir, backups: installationPaths(dataDir).backups };
  const keys = { dataDir, configDir };
  const violations = (await brokenBooks({ db, kept, keys, slots: null, facts })).map(violationText);
  return [
    ...violations,
    ...(await lostAnswers(house, acknowledged)),
    ...(isTicketed ? await liveTicket(house, day) : []),
  ];
}

/** What a life leaves: a backup that can be proved (I9), and no secret in what it wrote (I10). */
export async function brokenAfterLife(house: House): Promise<string[]> {
  const { client, settings, db, installation } = house;
  const post = { client, taskQueue: settings.taskQueue, now: () => new Date().toISOString() };
  await askBackup(post, { reason: 'schedule', operator: null }, () => undefined);
  const directory = installationPaths(installation.dataDir).backups;
  const verified = await verifyBackups({ directory, db }, { file: undefined, all: true });
  const verdict = verified.ok ? verified.result.verdict : verified.refusal.code;
  return [...(verdict === 'BACKUP_VERIFIED' ? [] : [`I9: the backup is ${verdict}`]), ...secretsTold(house)];
}

/** I10: no secret stands in a log, in a file for people, or in the name of any file. */
function secretsTold({ installation: { dataDir }, secrets, log }: House): string[] {
  const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((name) => /^artifacts\/|\.jsonl?$/.test(name) && statSync(join(dataDir, name)).isFile())
    .map((name) => ({ name, text: readFileSync(join(dataDir, name), 'utf8') }));
  return [
    { name: 'the names of files', text: files.join('\n') },
    { name: 'the log of the workers', text: log() },
    ...texts,
  ]
    .filter(({ text }) => secrets.some((secret) => text.includes(secret)))
    .map(({ name }) => `I10: a secret stands in ${name}`);
}

/** Nothing that was acknowledged is lost, and nothing stands that nobody said. */
async function lostAnswers({ db }: House, { tickets, confirmations, said }: Acknowledged): Promise<string[]> {
  const issued = new Set<string>(await db('tickets').pluck('ticket_id'));
  const booked = new Set<string>(await db('confirmations').pluck('confirmation_id'));
  const answered = new Set(confirmations.map(({ confirmationId }) => confirmationId));
  const compared: string[] = await db('reconciliations').pluck('command_id');
  return [
    ...tickets
      .filter(({ ticketId }) => !issued.has(ticketId))
      .map(({ day, ticketId }) => `LOST: ticket ${ticketId} of ${day} was answered and is not stored`),
    ...confirmations
      .filter(({ confirmationId }) => !booked.has(confirmationId))
      .map(
        ({ day, confirmationId }) => `LOST: confirmation ${confirmationId} of ${day} was answered and is not stored`,
      ),
    ...[...booked].filter((id) => !answered.has(id)).map((id) => `NOBODY SAID: confirmation ${id}`),
    ...compared.filter((id) => !said.has(id)).map((id) => `NOBODY SAID: reconciliation of command ${id}`),
  ];
}

/** Exactly one live ticket of a day whose 14:00 run was asked for, and it is confirmed. */
async function liveTicket({ db }: House, day: IsoDate): Promise<string[]> {
  const live: string[] = await db('live_tickets').where({ trading_day: day }).pluck('ticket_id');
  const confirmed = await db('confirmations').whereIn('ticket_id', live).first('ticket_id');
  if (live.length !== 1) return [`ONE TICKET: ${day} has ${live.length} live tickets`];
  return confirmed ? [] : [`UNCONFIRMED: the ticket of ${day} was answered and stands open`];
}
