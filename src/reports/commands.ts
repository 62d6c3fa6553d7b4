import type { Instant, IsoDate } from '../domain/types.js';

/** Command lines exactly as they are typed, for the account at hand. */
export interface Who {
  account: string;
  clock: 'real' | 'simulated';
}

/** ` -- --account paper --at …`: what the account adds to a `make` line; nothing for `main` on the real clock. */
function flags({ account, clock }: Who, at: Instant, first: string[] = []): string {
  const parts = [
    ...first,
    ...(account === 'main' ? [] : [`--account ${account}`]),
    // A simulated clock never moves by itself, so its commands name their instant.
    ...(clock === 'simulated' ? [`--at ${at}`] : []),
  ];
  return parts.length === 0 ? '' : ` -- ${parts.join(' ')}`;
}

/** Names the ticket, or an older one that is still open would be confirmed in its place. */
export const confirmCommand = (who: Who, ticketId: string, at: Instant) => `make confirm${flags(who, at, [`--ticket ${ticketId}`])}`;

export const confirmFillsCommand = (who: Who, ticketId: string, at: Instant) =>
  `FILLS_JSON=fills.json make confirm-fills${flags(who, at, [`--ticket ${ticketId}`])}`;

/** The runbook's reconciliation line, with placeholders for what the operator reads off the broker. */
export function reconcileCommand(who: Who, baseCurrency: string, snapshotDate: IsoDate, at: Instant): string {
  const more = flags(who, at).replace(' -- ', ' ');
  const cash = baseCurrency === 'GBP' ? '--cash-gbp' : '--cash';
  return `make reconcile-daily -- --snapshot-date ${snapshotDate} ${cash} <cash> --position SYMBOL=UNITS --notes "manual etoro snapshot"${more}`;
}

export const runCommand = (slot: '0800' | '1400' | 'ops', who: Who, at: Instant) => `make run-${slot}${flags(who, at)}`;

/** Rules on a split or dividend that is held for review. */
export const ruleCommand = (symbol: string, exDate: string, kind: string) =>
  `trading-ops actions rule --symbol ${symbol} --ex-date ${exDate} --kind ${kind.toLowerCase()} --as cash_dividend|split|ignore --value <value> --reason "<why>"`;

/** Books a split that a source has told of. */
export const splitCommand = (account: string, symbol: string, exDate: IsoDate) =>
  `trading-ops ledger split --symbol ${symbol} --ex-date ${exDate} --account ${account}`;
