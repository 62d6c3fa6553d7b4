import { judgedUpTo } from '../operations/market/judged-actions.js';
import { judgedJumps, type JudgedJump } from '../operations/market/judged-jumps.js';
import { listAccounts } from '../db/accounts.js';
import { killSwitchState } from '../db/kill-switch.js';
import { unconfirmedTickets } from '../db/tickets.js';
import { valuationState } from '../db/valuations.js';
import { tradingDayOf } from '../domain/calendar/calendar.js';
import { dateOf, dayNumber } from '../domain/dates.js';
import type { Account } from '../domain/types.js';
import { fail, ok, warn, type Check, type Verdict } from './finding.js';
import type { Patient } from './patient.js';

/** As far back as `actions list` looks when nobody says. */
const HOLDS_DAYS_BACK = 366;

/** The question for each account that the database knows, each with a verdict of its own. */
async function eachAccount(patient: Patient, question: (account: Account) => Promise<Verdict>): Promise<Verdict[]> {
  const accounts = await listAccounts(await patient.db());
  if (accounts.length === 0) return [ok('no account is opened yet')];
  return Promise.all(accounts.map(async (account) => ({ of: account.account, ...(await question(account)) })));
}

const killSwitch: Check = {
  name: 'kill switch',
  expected: 'not engaged',
  examine: (patient) =>
    eachAccount(patient, async ({ account }) => {
      const { engaged, reason } = await killSwitchState(await patient.db(), account);
      return engaged
        ? fail(
            `engaged: ${reason}`,
            `when its cause is gone: trading-ops kill-switch reset --account ${account} --reason "<why>"`,
          )
        : ok('not engaged');
    }),
};

const valuation: Check = {
  name: 'valuation',
  expected: 'the equity index is of the newest close that a run had',
  examine: (patient) =>
    eachAccount(patient, async ({ account }) => {
      const state = await valuationState(await patient.db(), account);
      if (state.due === null) return ok('nothing to value yet');
      if (state.valued !== null && state.valued >= state.due) return ok(`of ${state.valued}`);
      const newest = state.valued === null ? 'never valued' : `of ${state.valued}`;
      return fail(
        `${newest}, and ${state.due} was due: ${state.why ?? 'no run has valued it'}`,
        'book what became of the symbol (trading-ops ledger --help), or bring its price; then make run-0800',
      );
    }),
};

const holds: Check = {
  name: 'holds',
  expected: 'no split, dividend or jump waits for a ruling',
  async examine(patient) {
    const [policy, universe, db, accounts] = await Promise.all([
      patient.policy(),
      patient.universe(),
      patient.db(),
      patient.accounts(),
    ]);
    const at = patient.instantOf(accounts[0] as Account);
    const query = { since: dateOf(dayNumber(tradingDayOf(at)) - HOLDS_DAYS_BACK), at };
    const [actions, jumps] = await Promise.all([
      judgedUpTo(db, policy, query),
      judgedJumps(db, { policy, universe }, query),
    ]);
    const unruled = actions.filter(({ held }) => held !== null);
    const held = unruled.map(({ symbol, exDate, held: why }) => `${symbol} ${exDate}: ${why}`);
    // Where a held action leaves a jump, one ruling settles both.
    const open = jumps.filter(
      ({ onHold, symbol, exDate }) => onHold && !unruled.some((one) => one.symbol === symbol && one.exDate === exDate),
    );
    const stopping = open.filter(({ stopsTheDay }) => stopsTheDay).map(saidOfJump);
    const all = [...held, ...stopping, ...open.filter(({ stopsTheDay }) => !stopsTheDay).map(saidOfJump)];
    const [first] = all;
    if (first === undefined) return ok('none');
    const verdict = held.length + stopping.length > 0 ? fail : warn;
    return verdict(`${all.length}, first ${first}`, 'trading-ops actions list --on-hold');
  },
};

const saidOfJump = ({ symbol, session, move, stopsTheDay }: JudgedJump): string =>
  `${symbol} ${session}: a jump of ${(move * 100).toFixed(1)} % ${stopsTheDay ? 'stops the day' : `leaves ${symbol} out`}`;

const confirmations: Check = {
  name: 'confirmations',
  expected: 'no ticket of an earlier day is open',
  examine: (patient) =>
    eachAccount(patient, async (account) => {
      const today = tradingDayOf(patient.instantOf(account));
      const open = (await unconfirmedTickets(await patient.db(), account.account)).filter(
        ({ tradingDay }) => tradingDay < today,
      );
      const first = open[0];
      if (!first) return ok('none');
      const command = first.kind === 'TRADE' ? 'FILLS_JSON=<file> make confirm-fills' : 'make confirm';
      return fail(
        `${open.length}, first ${first.kind} of ${first.tradingDay}`,
        `${command} -- --account ${account.account} --ticket ${first.ticketId}`,
      );
    }),
};

export const dayChecks: Check[] = [killSwitch, valuation, holds, confirmations];
