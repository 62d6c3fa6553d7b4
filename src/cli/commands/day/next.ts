import type { IsoDate, Slot } from '../../../domain/types.js';
import { nextRun } from '../../../operations/day/next-run.js';
import type { Context } from '../../kit/context.js';

/** The run that a reconciled day waits for. */
export const runWaitedFor = ({ db, policy, at, account }: Context, tradingDay: IsoDate): Promise<Slot> =>
  nextRun(db, { account: account.account, tradingDay, at }, policy);
