import { faultText, OpsError, traceOf, usageError } from '../errors.js';
import { bounded } from '../text.js';

/** Of which kind a refusal of a broker's statement is; what is wrong stands in its message, by name. */
export type StatementCode =
  | 'STATEMENT_TOO_LARGE'
  | 'STATEMENT_HOSTILE'
  | 'STATEMENT_NOT_A_WORKBOOK'
  | 'STATEMENT_LANGUAGE'
  | 'STATEMENT_LAYOUT'
  | 'STATEMENT_CURRENCY'
  | 'STATEMENT_TYPE'
  | 'STATEMENT_INSTRUMENT'
  | 'STATEMENT_VALUE'
  | 'STATEMENT_INCONSISTENT'
  | 'STATEMENT_UNFORESEEN';

const AGAIN = 'download the statement from eToro again, in English, and give the file as it came';

/** What is to be done about each, where another file would be refused alike. */
const REMEDIES: Partial<Record<StatementCode, string>> = {
  STATEMENT_TOO_LARGE: 'ask eToro for the statement of a shorter period, in English, and give the file as it came',
  STATEMENT_LANGUAGE: 'ask eToro for the English statement',
  STATEMENT_LAYOUT:
    'look whether it is the account statement as it came; if so, report the name: eToro may have a new layout',
  STATEMENT_CURRENCY: "give the account whose currency it is, or ask eToro for the statement in the account's",
  STATEMENT_TYPE: 'report a type that is not known; what the ledger has not belongs to another account at eToro',
  STATEMENT_INSTRUMENT:
    'enter what is ours in universe.csv under the name that eToro gives it, disabled where it is not traded any more, ' +
    'then import the same file again',
  STATEMENT_UNFORESEEN:
    'report the message and where it arose (LOG_LEVEL=debug at a terminal; of the desk: make logs), and keep the file',
};

/**
 * Refuses a statement: where in the workbook, what stands there, and which rule it breaks.
 * @param value what was found, as it stands; null where nothing is to be quoted
 * @param cause what it came of; of what nobody foresaw, a log is told where it arose
 */
export const refusedStatement = (
  code: StatementCode,
  where: string,
  value: string | null,
  rule: string,
  cause?: unknown,
): OpsError =>
  usageError(code, `${where}: ${value === null ? '' : `${bounded(value)}: `}${rule}`, {
    remedy: `nothing was stored; ${REMEDIES[code] ?? AGAIN}`,
    cause,
    ...(code === 'STATEMENT_UNFORESEEN' && { trace: traceOf(cause) }),
  });

/**
 * Does what is asked with a statement of others; whatever it throws that nobody foresaw is a refusal by name too, for
 * whoever sent the file can do no more about it than about any other. Where it arose goes along, for a log.
 * @throws OpsError of `work`, STATEMENT_UNFORESEEN
 */
export async function orRefused<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OpsError) throw error;
    throw refusedStatement('STATEMENT_UNFORESEEN', 'file', faultText(error), 'cannot be read or compared', error);
  }
}
