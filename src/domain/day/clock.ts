import { previousSession, tradingDayOf, type CalendarAdditions } from '../calendar/calendar.js';
import { dayNumber, isInstant } from '../dates.js';
import { refusal, usageError } from '../errors.js';
import { bounded, shown } from '../text.js';
import type { Account, Instant, IsoDate } from '../types.js';

/** Two machines' clocks may differ by this much before a claim counts as one about the future, in milliseconds. */
export const CLAIM_AHEAD_MAX_MS = 60_000;

/** The instant that counts, and what the sender said where that is something else. */
export interface Stamp {
  at: Instant;
  claimedAt: Instant | null;
}

/**
 * The instant an operation happens at (docs/RULES.md 4.2). On a real account this machine's clock says so, and what the
 * sender said is a claim that may not be in the future; on a simulated account the sender's word is the clock.
 * @throws OpsError AT_INVALID, CLAIM_IN_FUTURE, AT_MISSING
 */
export function stampOf(
  account: Pick<Account, 'account' | 'clock'>,
  { claimedAt, now }: { claimedAt: Instant | null; now: Instant },
): Stamp {
  if (claimedAt !== null && !isInstant(claimedAt)) throw noInstant(shown(claimedAt));
  if (account.clock === 'simulated') {
    if (claimedAt === null)
      throw usageError(
        'AT_MISSING',
        `at: (missing): account ${account.account} runs on a simulated clock, which only the sender knows`,
      );
    return { at: new Date(claimedAt).toISOString(), claimedAt: null };
  }
  if (claimedAt !== null && Date.parse(claimedAt) > Date.parse(now) + CLAIM_AHEAD_MAX_MS) {
    throw refusal(
      'CLAIM_IN_FUTURE',
      `at: ${bounded(claimedAt)}: must not be in the future: it is ${now} on the machine that books`,
      {
        remedy: 'look at the clocks of both machines: trading-ops doctor',
      },
    );
  }
  return { at: now, claimedAt };
}

const noInstant = (said: string | null) =>
  usageError('AT_INVALID', `at: ${said}: must be an ISO 8601 instant with offset, such as 2018-05-14T14:00:00+01:00`);

/** Days that a simulated clock may leap at once where every slot on the way is accounted for. */
const LEAP_DAYS_MAX = 366;

/**
 * Refuses to account for the slots of a simulated account at an instant years away: it is a slip of typing, and every
 * slot on the way would be MISSED for good. On a real account the machine says what time it is.
 * @param since the newest instant that a fact of the account bears, or its opening.
 * @throws OpsError AT_INVALID
 */
export function refuseLeap(
  { account, clock }: Pick<Account, 'account' | 'clock'>,
  { at, since }: { at: Instant; since: Instant },
): void {
  if (clock === 'real' || dayNumber(tradingDayOf(at)) - dayNumber(tradingDayOf(since)) <= LEAP_DAYS_MAX) return;
  throw usageError(
    'AT_INVALID',
    `at: ${at}: must be at most ${LEAP_DAYS_MAX} days after the newest fact of account ${account}, ${since}: ` +
      'every slot on the way would be MISSED for good',
    { remedy: 'nothing was recorded: correct the instant, or rehearse another time on another account' },
  );
}

/**
 * The instant that a person means: the one they say on an account whose clock is simulated, else now. On a real account
 * nobody says what time it is, so that nobody back-dates a real ledger (docs/RULES.md 4.1).
 * @throws OpsError CLOCK_IS_REAL, AT_INVALID
 */
export function instantMeant(
  said: string | undefined,
  { account, clock }: Pick<Account, 'account' | 'clock'>,
  now: Instant,
): Instant {
  if (said === undefined) return now;
  if (clock === 'real') {
    throw usageError(
      'CLOCK_IS_REAL',
      `at: ${bounded(said)}: account ${account} runs on the real clock, --at and TRADING_OPS_AT are refused`,
      {
        remedy: 'leave --at out; for tests and simulations use an account whose policy says clock: simulated',
      },
    );
  }
  if (!isInstant(said)) throw noInstant(bounded(said));
  return new Date(said).toISOString();
}

/**
 * The instant that a run or a watch asked for by a person is at. On a real account it is now, and the sender's word
 * must be of today:
 * a run of last week would do today's work in another day's name.
 * @throws OpsError CLAIM_IN_FUTURE, CLAIM_NOT_TODAY, AT_MISSING
 */
export function stampOfToday(
  account: Pick<Account, 'account' | 'clock'>,
  claim: { claimedAt: Instant | null; now: Instant },
): Stamp {
  const stamp = stampOf(account, claim);
  const [said, today] = [tradingDayOf(stamp.claimedAt ?? stamp.at), tradingDayOf(stamp.at)];
  if (said === today) return stamp;
  throw refusal(
    'CLAIM_NOT_TODAY',
    `at: ${bounded(stamp.claimedAt ?? stamp.at)}: must be of today, ${today} in London: on a real account nothing runs in another day's name`,
    {
      remedy: 'leave the instant out; what a schedule missed is made up for with: trading-ops schedules backfill',
    },
  );
}

/**
 * Refuses what is said to have happened before the trading day it is for. A day begins when the session before it is over: a
 * snapshot for Monday may be read on Saturday.
 * @throws OpsError CLAIM_BEFORE_DAY
 */
export function refuseBeforeDay({ at, claimedAt }: Stamp, tradingDay: IsoDate, calendar: CalendarAdditions): void {
  const said = claimedAt ?? at;
  const before = previousSession(tradingDay, calendar);
  if (tradingDayOf(said) > before) return;
  throw refusal(
    'CLAIM_BEFORE_DAY',
    `at: ${bounded(said)}: must not be before the trading day ${tradingDay}, which begins after ${before}`,
    {
      remedy: 'act on the day itself: trading-ops day',
    },
  );
}

/**
 * Refuses what is said to have happened before the account was opened, when there was nothing to do it to.
 * @throws OpsError CLAIM_BEFORE_ACCOUNT
 */
export function refuseBeforeAccount(
  { claimedAt }: Pick<Stamp, 'claimedAt'>,
  { account, openedAt }: { account: string; openedAt: Instant },
): void {
  if (claimedAt === null || Date.parse(claimedAt) >= Date.parse(openedAt) - CLAIM_AHEAD_MAX_MS) return;
  throw refusal(
    'CLAIM_BEFORE_ACCOUNT',
    `at: ${bounded(claimedAt)}: must not be before account ${account} was opened, ${openedAt}`,
    {
      remedy: 'look at the clocks of both machines: trading-ops doctor',
    },
  );
}
