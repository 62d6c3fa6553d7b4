import { instantMeant } from '../../domain/day/clock.js';
import { usageError } from '../../domain/errors.js';
import { accountOf, type Policy } from '../../domain/policy/policy.js';
import type { Account, Instant } from '../../domain/types.js';
import { operatorOf } from '../installation.js';

/** The account that is meant when nobody says which, and the policy has several. */
const DEFAULT_ACCOUNT = 'main';

/** The account that was named; when none was, the only one of the policy, or `main`. @throws OpsError ACCOUNT_UNKNOWN */
function accountMeant(policy: Policy, named: string | undefined): Account {
  const known = Object.keys(policy.accounts);
  return accountOf(policy, named ?? (known.length === 1 ? (known[0] as string) : DEFAULT_ACCOUNT));
}

/**
 * The account by whose clock a command of the whole installation goes, and with which the desk begins: the first of the
 * policy, `main` where there is one.
 */
export const accountOfAll = ({ accounts }: Policy): string =>
  DEFAULT_ACCOUNT in accounts ? DEFAULT_ACCOUNT : (Object.keys(accounts)[0] ?? DEFAULT_ACCOUNT);

/**
 * The account that is meant, and the instant it is there: what was said of the time on a simulated clock, else now.
 * @throws OpsError ACCOUNT_UNKNOWN, CLOCK_IS_REAL, AT_INVALID
 */
export function placeMeant(
  policy: Policy,
  { account: named, at }: { account: string | undefined; at: string | undefined },
  now: Instant,
): { account: Account; at: Instant } {
  const account = accountMeant(policy, named);
  return { account, at: instantMeant(at, account, now) };
}

/**
 * What somebody who types claims of the time: on a simulated account it is the clock, on a real one this machine
 * stamps.
 */
export const claimMeant = ({ clock }: Pick<Account, 'clock'>, at: Instant): Instant | null =>
  clock === 'simulated' ? at : null;

/**
 * The operator who asks: the name that was given, or the only one of the policy.
 * @throws OpsError OPERATOR_MISSING, OPERATOR_UNKNOWN
 */
export function operatorMeant(policy: Policy, named: string | undefined): string {
  const { operators } = policy;
  const operator = named ?? (operators.length === 1 ? operators[0] : undefined);
  if (operator !== undefined) return operatorOf({ policy }, { operator });
  throw usageError('OPERATOR_MISSING', `operator: must be one of ${operators.join(', ')}`, {
    remedy: 'add --operator <name>, or set TRADING_OPS_OPERATOR',
  });
}
