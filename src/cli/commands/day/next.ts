import type { IsoDate } from '../../../domain/types.js';
import { nextRun } from '../../../operations/day/next-run.js';
import type { Context } from '../../kit/context.js';

const AFTERNOON = 'make run-1400, at 14:00';

/** What is typed next on a day whose reconciliation passed. */
export async function nextOfReconciled({ db, policy, at, account }: Context, tradingDay: IsoDate): Promise<string> {
  const next = await nextRun(db, { account: account.account, tradingDay, at }, policy);
  return next === '0800' ? `make run-0800 for the prices of ${tradingDay}, then ${AFTERNOON}` : AFTERNOON;
}
