import { refusal } from '../errors.js';
import { D } from '../money.js';
import type { Instant } from '../types.js';
import type { Statement, StatementEvent } from './statement.js';

/** As a statement is taken back that was imported by mistake. */
const withdrawal = (statementId: string, account: string): string =>
  `trading-ops statement withdraw ${statementId} --account ${account} --reason "<why>"`;

/** A statement that was imported before, and what it is known by. */
export interface Imported {
  statementId: string;
  statement: Statement;
}

/**
 * Refuses the first statement of a user whose statements another account of this installation holds: whoever takes it
 * here has the books of both wrong, and each account is bound to the user of its first statement.
 * @param account which the statement was given to
 * @param holder the account that holds statements of its user; null for nobody
 * @throws OpsError STATEMENT_OF_OTHER_ACCOUNT
 */
export function refuseOtherHolder(account: string, holder: { account: string; statementId: string } | null): void {
  if (holder === null || holder.account === account) return;
  throw refusal(
    'STATEMENT_OF_OTHER_ACCOUNT',
    `the statement is of an eToro user whose statements account ${holder.account} holds: ${holder.statementId}`,
    {
      remedy:
        `nothing was stored; give that account: --account ${holder.account}; or, where those belong here, withdraw ` +
        `each of them there first: ${withdrawal(holder.statementId, holder.account)}`,
    },
  );
}

/**
 * Refuses a statement of another user than those before it, or one that says otherwise of a time that another one tells
 * of too. Rows are known by kind, position id and instant, never by their content: an open's amount falls when a
 * part of its position is closed later.
 * @param account that holds the earlier ones, and to which this one was given
 * @throws OpsError STATEMENT_OF_ANOTHER, STATEMENT_OVERLAP_DIFFERS
 */
export function refuseDisagreement(later: Statement, earlier: readonly Imported[], account: string): void {
  for (const { statementId, statement } of earlier) {
    if (statement.userHash !== later.userHash)
      throw refusal('STATEMENT_OF_ANOTHER', `the statement is of another eToro user than ${statementId}`, {
        remedy:
          'nothing was stored; give the account that it belongs to: --account; or, where the earlier one was ' +
          `imported here by mistake: ${withdrawal(statementId, account)}`,
      });
    const found = firstDifference(statement, later);
    if (found !== null)
      throw refusal('STATEMENT_OVERLAP_DIFFERS', `${found}, and statement ${statementId} says otherwise`, {
        remedy:
          'nothing was stored; look at both files, and ask eToro which of them is right; if it is this one: ' +
          withdrawal(statementId, account),
      });
  }
}

/** What two statements say differently of the time that both tell of, in words; null where they agree. */
export function firstDifference(earlier: Statement, later: Statement): string | null {
  const from = earlier.from > later.from ? earlier.from : later.from;
  const to = [earlier, later].map(toldUntil).toSorted()[0] ?? '';
  if (from > to) return null;
  const [before, now] = [rowsByKey(earlier, from, to), rowsByKey(later, from, to)];
  for (const [key, row] of now) {
    const known = before.get(key);
    if (known === undefined) return `${key}: is in this one`;
    const field = otherField(known, row);
    if (field !== null) return `${key}: ${field}`;
  }
  const missing = [...before.keys()].find((key) => !now.has(key));
  return missing === undefined ? null : `${missing}: is not in this one`;
}

/** A statement that was made before its period ended tells nothing of the rest. */
export const toldUntil = ({ to, createdAt }: Pick<Statement, 'to' | 'createdAt'>): Instant =>
  createdAt < to ? createdAt : to;

interface Row {
  event: StatementEvent;
  /** Its change of the cash cannot be told: the first row of a statement, where that is an open. */
  isFirst: boolean;
}

function rowsByKey({ events, cash }: Statement, from: string, to: string): Map<string, Row> {
  const rows = new Map<string, Row>();
  events.forEach((event, index) => {
    if (event.at < from || event.at > to) return;
    const name = `${event.type}${event.positionId === null ? '' : ` of position ${event.positionId}`} at ${event.at}`;
    let key = name;
    for (let count = 2; rows.has(key); count += 1) key = `${name} (${count})`;
    rows.set(key, { event, isFirst: index === 0 && cash.before === null });
  });
  return rows;
}

/** The figure in which two rows of one key differ, in words. */
function otherField(known: Row, row: Row): string | null {
  const isUntold = known.isFirst || row.isFirst;
  const figures: [name: string, of: (event: StatementEvent) => string | null | undefined][] = [
    ...(isUntold ? [] : [['cash', ({ cash }: StatementEvent) => cash] as [string, (event: StatementEvent) => string]]),
    ['units', ({ units }) => units],
    ['cost', ({ closing }) => closing?.invested],
    ['profit', ({ closing }) => closing?.profit.amount],
    ['net dividend', ({ paid }) => paid?.net.amount],
    ['withholding tax', ({ paid }) => paid?.tax.amount],
    ['amount sent', ({ sent }) => sent?.amount],
    ['ratio', ({ ratio }) => ratio?.first],
  ];
  if (known.event.symbol !== row.event.symbol) return `instrument ${row.event.symbol}`;
  const differs = figures.find(([, of]) => !isSame(of(known.event), of(row.event)));
  return differs ? `${differs[0]} ${differs[1](row.event) ?? 'nothing'}` : null;
}

const isSame = (a: string | null | undefined, b: string | null | undefined): boolean =>
  a === null || a === undefined || b === null || b === undefined ? (a ?? null) === (b ?? null) : D(a).eq(b);
