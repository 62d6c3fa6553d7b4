import { usageError, type OpsError } from '../errors.js';
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
  | 'STATEMENT_INCONSISTENT';

const REMEDY = 'nothing was stored; download the statement from eToro again, in English, and give the file as it came';

/**
 * Refuses a statement: where in the workbook, what stands there, and which rule it breaks.
 * @param value what was found, as it stands; null where nothing is to be quoted
 */
export const refusedStatement = (
  code: StatementCode,
  where: string,
  value: string | null,
  rule: string,
  cause?: unknown,
): OpsError =>
  usageError(code, `${where}: ${value === null ? '' : `${bounded(value)}: `}${rule}`, { remedy: REMEDY, cause });
