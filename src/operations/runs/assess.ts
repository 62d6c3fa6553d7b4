import type { Knex } from 'knex';
import type { Alert } from '../../contract/alerts.js';
import type { Db } from '../../db/connect.js';
import { recordGates } from '../../db/gates.js';
import { recordStep, type Run } from '../../db/runs.js';
import { inTransaction, together } from '../../db/transaction.js';
import { causeOf } from '../../domain/alerts/cause.js';
import { isSession } from '../../domain/calendar/calendar.js';
import { assessQuality, exclusionsText } from '../../domain/market/index.js';
import { alertsOf } from '../../domain/policy/alerts.js';
import type { GateResult, Reason } from '../../domain/types.js';
import { raiseDataAlert } from '../alerts/raise-data.js';
import { loadRunContext } from './context.js';
import { marketOfGate } from './market-of-gate.js';

/** Runs the data-quality gate over stored facts and records its result. */
export async function assessRun(
  db: Knex,
  { runId }: { runId: string },
): Promise<Pick<GateResult, 'status' | 'reasons' | 'exclusions'> & { codes: string[] }> {
  const context = await loadRunContext(db, runId);
  const { run, policy, universe } = context;
  const { held, pairs, market, more } = await marketOfGate(db, context);
  const result = assessQuality(market, universe, held, policy, pairs.length > 0, more);
  const codes = [...new Set(result.reasons.map(({ code }) => code))];
  const judged = (at: Db) =>
    together(
      at,
      recordGates(at, run, null, [result]),
      recordStep(at, runId, 'data_quality', result.status, stepText(codes, result.exclusions), result.evidence),
    );
  const alarming = result.status === 'FAIL' && run.slot === '0800' && isSession(run.tradingDay, policy.calendar);
  if (!alarming) await judged(db);
  else
    await inTransaction(db, async (trx) => {
      await judged(trx);
      await raiseDataAlert(trx, dataGateAlert(run, result, codes), alertsOf(policy));
    });
  const { status, reasons, exclusions } = result;
  return { status, reasons, codes, ...(exclusions && { exclusions }) };
}

function stepText(codes: readonly string[], exclusions: readonly Reason[] = []): string {
  const found =
    codes.join(', ') || (exclusions.length === 0 ? 'every check passed' : 'what is left passed every check');
  return exclusions.length === 0 ? found : `${found}; left out: ${exclusionsText(exclusions)}`;
}

/** With one full stop, or the mark that it has. */
const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

/** Only the 08:00 run of a session tells: whoever asks for another run reads its answer. */
function dataGateAlert(run: Run, { reasons }: GateResult, codes: string[]): Alert {
  const review = ['ACTION_NEEDS_REVIEW', 'PRICE_JUMP_UNEXPLAINED', 'FX_JUMP_UNEXPLAINED'].some((code) =>
    codes.includes(code),
  )
    ? " A split, dividend or jump waits for a human's ruling: trading-ops actions list --on-hold."
    : '';
  return {
    account: null,
    tradingDay: run.tradingDay,
    code: 'DATA_GATE_FAILED',
    subject: causeOf(reasons),
    at: run.at,
    message: `The prices of ${run.asOfDate} are not good enough, so the ticket of ${run.tradingDay} will be NO_TRADE: ${codes.join(', ')}; first: ${sentence(reasons[0]?.message ?? '')}${review}`,
    evidence: { runId: run.runId, codes },
  };
}
