import type { Unproved } from '../../domain/signing/facts.js';
import { inSeries } from '../../domain/text.js';
import type { IsoDate } from '../../domain/types.js';
import { withUkTimes } from '../render/format.js';

/** What is said of an answer that counts once another person has signed it too. */
export const halfSigned = ({ code, message, keyless }: Unproved & { keyless: readonly string[] }): string =>
  `${code}: ${withUkTimes(message)}. ${keylessText(keyless)}To the 14:00 gate the ticket is not confirmed before.`;

/** That a ticket of an earlier day comes first, and for what it waits. @param why null where nobody has answered it */
export const olderText = ({
  tradingDay,
  why,
}: {
  tradingDay: IsoDate;
  why: { waits: readonly string[] | null } | null;
}): string => {
  if (why === null) return `First the ticket of ${tradingDay}: it waits for its answer`;
  return why.waits === null
    ? `TICKET_UNCONFIRMED: the answer to the ticket of ${tradingDay} does not count`
    : `The answer to the ticket of ${tradingDay} waits for the signature of another person`;
};

/** Whose signature is none of the several, and why. */
const keylessText = (names: readonly string[]): string =>
  names.length === 0
    ? ''
    : `That of ${inSeries(names, 'and')} does not count among them: it is by the key of the machine, ` +
      'which anybody there signs with. ';

/** What is said of an answer that the gate does not count, what it means, and the way out. */
export const notCounted = ({ operator, code, message }: Unproved & { operator: string }): string =>
  `The answer in the name of ${operator} does not count: ${code}: ${withUkTimes(message)}. ` +
  'To the 14:00 gate the ticket is not confirmed, and no new trade is issued. Where fills are stored with it and say ' +
  'what happened, the same answer again signs it; else it is amended. What else nobody signed: ' +
  'trading-ops signatures verify';
