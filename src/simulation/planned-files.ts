import { usageError } from '../domain/errors.js';
import { bounded } from '../domain/text.js';
import { readRegular, whyUnreadable } from '../files/regular.js';
import { parseEvents, type PlannedEvent } from './events.js';
import { parseRulings, type PlannedRuling } from './rulings.js';

/** What the operator will rule, of a file. @throws OpsError RULINGS_UNREADABLE, RULINGS_INVALID */
export const readRulingsFile = async (file: string): Promise<PlannedRuling[]> =>
  parseRulings(await readText(file, 'rulings'), file);

/** What companies and the broker will do, of a file. @throws OpsError EVENTS_UNREADABLE, EVENTS_INVALID */
export const readEventsFile = async (file: string): Promise<PlannedEvent[]> =>
  parseEvents(await readText(file, 'events'), file);

async function readText(file: string, what: 'rulings' | 'events'): Promise<string> {
  try {
    return await readRegular(file);
  } catch (cause) {
    const why = whyUnreadable(cause);
    const message = `${what}: ${bounded(file)}: cannot be read (${why})`;
    throw what === 'rulings'
      ? usageError('RULINGS_UNREADABLE', message, { cause })
      : usageError('EVENTS_UNREADABLE', message, { cause });
  }
}
