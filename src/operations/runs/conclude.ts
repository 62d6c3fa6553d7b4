import type { Knex } from 'knex';
import { gateVerdicts } from '../../db/gates.js';
import { finishRun } from '../../db/run-results.js';
import { failedSteps, type Run } from '../../db/runs.js';
import { ticketsOfRun, type TicketOfRun } from '../../db/tickets.js';
import { isSession } from '../../domain/calendar/calendar.js';
import { exclusionsText } from '../../domain/market/index.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Reason } from '../../domain/types.js';
import { VALUATION_STEP } from '../ledger/value-record.js';
import { loadRunContext } from './context.js';
import { counted } from '../../reports/render/format.js';

/** Records how the run ended, in the words that summary, command line and Web UI share. */
export async function concludeRun(
  db: Knex,
  { runId }: { runId: string },
): Promise<{ outcome: string; summary: string }> {
  const { run, policy } = await loadRunContext(db, runId);
  // Read where they are stored: what a thousand accounts were told is too much for a message.
  const tickets = run.slot === '1400' ? inOrder(await ticketsOfRun(db, run), run.accounts ?? []) : [];
  const result = run.slot === '1400' ? ticketOutcome(tickets) : await gateOutcome(db, run, policy);
  await finishRun(db, runId, result.outcome, result.summary, { tickets: tickets.map(({ ticketId }) => ticketId) });
  return result;
}

async function gateOutcome(db: Knex, run: Run, { calendar }: Policy): Promise<{ outcome: string; summary: string }> {
  const gates = await gateVerdicts(db, run.runId);
  const failed = gates.filter(({ status }) => status === 'FAIL');
  const words = [
    ...failed.map(({ gate, reasons }) => `${gate}: ${[...new Set(reasons.map(({ code }) => code))].join(', ')}`),
    ...(await notValued(db, run)),
  ];
  const closed =
    run.slot === '0800' && !isSession(run.tradingDay, calendar)
      ? `New York is closed on ${run.tradingDay}, no day was opened; `
      : '';
  return words.length > 0
    ? { outcome: 'FAIL', summary: closed + words.join('; ') }
    : {
        outcome: 'PASS',
        summary: `${closed}${soundText(
          run,
          gates.flatMap(({ exclusions }) => exclusions ?? []),
        )}`,
      };
}

/** So many accounts that could not be valued are told one by one; the rest are counted. */
const UNVALUED_MAX = 5;

/** A run that cannot say what an account is worth has not passed, whatever its prices are. */
async function notValued(db: Knex, { runId }: Run): Promise<string[]> {
  const steps = await failedSteps(db, runId, VALUATION_STEP);
  const words = steps.map(({ step, summary }) => `${step.slice(VALUATION_STEP.length)} is not valued: ${summary}`);
  const more = words.length - UNVALUED_MAX;
  return more > 0
    ? [...words.slice(0, UNVALUED_MAX), `and ${counted(more, 'account more is', 'accounts more are')} not valued`]
    : words;
}

const soundText = ({ asOfDate }: Run, exclusions: Reason[]): string =>
  exclusions.length === 0
    ? `prices of ${asOfDate} are complete and sound`
    : `prices of ${asOfDate} are sound without ${exclusionsText(exclusions)}`;

/** So many tickets are told one by one in a run's summary; the rest are counted. */
const TOLD_MAX = 20;

/** In the order in which the run names its accounts. */
function inOrder(tickets: TicketOfRun[], accounts: readonly string[]): TicketOfRun[] {
  const place = new Map(accounts.map((account, index) => [account, index]));
  return tickets.toSorted((one, other) => (place.get(one.account) ?? 0) - (place.get(other.account) ?? 0));
}

function ticketOutcome(tickets: readonly TicketOfRun[]): { outcome: string; summary: string } {
  const words = tickets.slice(0, TOLD_MAX).map(({ account, kind, dryRun, reasons, ticketId }) => {
    const codes = [...new Set(reasons.map(({ code }) => code))].join(', ');
    return `${account}: ${kind}${dryRun ? ' (dry run)' : ''}${codes ? ` (${codes})` : ''}, ticket ${ticketId}`;
  });
  return {
    outcome: tickets.some(({ kind }) => kind === 'TRADE') ? 'TRADE' : 'NO_TRADE',
    summary: [
      ...words,
      ...(tickets.length > TOLD_MAX ? [`and ${counted(tickets.length - TOLD_MAX, 'account')} more`] : []),
    ].join('; '),
  };
}
