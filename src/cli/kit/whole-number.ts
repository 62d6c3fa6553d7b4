import { usageError } from '../../domain/errors.js';
import { bounded } from '../../domain/text.js';

/** A flag that must be a whole number above zero. */
export function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw usageError('NUMBER_INVALID', `${name}: ${bounded(text)}: must be a whole number from 1`);
}
