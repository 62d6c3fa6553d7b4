import { DEFAULTS } from '../../contract/defaults.js';
import { accountsOf } from '../runs/configuration.js';
import { configurationInForce } from '../runs/configuration-in-force.js';
import type { Installation } from '../installation.js';
import { performanceAtHand } from '../performance/performance-at-hand.js';
import { reportBook } from './report.js';

/** Accounts whose books are read before anybody asks: a household's; of a thousand none would stay at hand. */
const ACCOUNTS_MAX = 4;

/**
 * Reads and replays the ledgers, and how the first account did this year, so that whoever looks first after a start
 * does not wait for years of entries. What is refused or cannot be read now is told to the one who asks for it.
 */
export async function readAhead(place: Pick<Installation, 'db' | 'configDir'>): Promise<void> {
  const { policy, universe } = await configurationInForce(place);
  for (const account of accountsOf(policy).slice(0, ACCOUNTS_MAX))
    await reportBook(place.db, policy, account, { at: null, book: 'ledger' });
  const [first] = accountsOf(policy);
  if (first)
    await performanceAtHand(place.db, { account: first, policy, universe }, { range: DEFAULTS.performancePageRange });
}
