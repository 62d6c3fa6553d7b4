import { backupsDirectory } from '../../backup/directory.js';
import { booksEndedLately } from '../../db/alerts.js';
import { askTogether } from '../../db/questions.js';
import { toldQuestion, type ToldValuation } from '../../db/valuations-told.js';
import type { DecisionFacts } from '../../domain/decision/facts.js';
import { isPlainlyWorth } from '../../domain/decision/valued-plainly.js';
import type { Installation } from '../installation.js';
import { valuationFaults } from '../ledger/value-again.js';
import { tooMany, violationOf, type Violation } from './invariants.js';
import { tellBooks, violationText } from './tell-books.js';
import { brokenBooks } from './verify-books.js';

/**
 * What is broken in the books although no open alert says so. The valuations that came since the account's ticket of an
 * earlier day, by which its drawdown is judged now, and which the hourly watch may not have seen; and everything, where
 * the alert `BOOKS_BROKEN` ended within a day: that it ended is a row which the application's role may write.
 * @returns a line each; people are told of them
 */
export async function brokenAfterAll(installation: Installation, facts: DecisionFacts): Promise<string[]> {
  const { db, dataDir } = installation;
  const scope = { account: facts.account.account, tradingDay: facts.tradingDay };
  const [isEnded, told] = await askTogether(db, booksEndedLately(db), toldQuestion(db, scope));
  const kept = { dataDir, backups: backupsDirectory(dataDir) };
  const violations = await brokenValuations(installation, facts, told);
  if (isEnded)
    violations.push(...(await brokenBooks({ db, kept, keys: installation, slots: null, facts: 'all but bars' })));
  if (violations.length > 0) await tellBooks(installation, violations, facts.at);
  return violations.map(violationText);
}

/** Of these valuations those that are not plainly right are valued again by what was known when they were recorded. */
const brokenValuations = async (
  { db, configDir, dataDir }: Installation,
  facts: DecisionFacts,
  told: readonly ToldValuation[],
): Promise<Violation[]> => {
  const faults = await valuationFaults(db, told, { again: (each) => !isPlainlyWorth(each, facts), configDir, dataDir });
  return [...faults.map(violationOf), ...tooMany(told)];
};
