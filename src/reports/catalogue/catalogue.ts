import { ALERT_CODES, severityOf, type Severity } from '../../domain/alerts/codes.js';
import { didYouMean } from '../../domain/policy/faults.js';
import { usageError } from '../../domain/errors.js';
import type { Reason } from '../../domain/types.js';
import { alerts } from './alerts.js';
import { backups, restores } from './backups.js';
import { data } from './data.js';
import { booking, confirming, proofs } from './day.js';
import { desk } from './desk.js';
import type { CodeEntry, Subject } from './entry.js';
import { gates } from './gates.js';
import { fetching, flags, input } from './input.js';
import { services, starting } from './services.js';
import { signing } from './signing.js';
import { statement } from './statement.js';
import { states } from './states.js';
import { bounded } from '../../domain/text.js';

/**
 * Every code the program can say, by subject, in the order of docs/INCIDENTS.md. A new code is one entry of its
 * subject.
 */
export const SUBJECTS: readonly Subject[] = [
  gates,
  data,
  alerts,
  backups,
  restores,
  confirming,
  booking,
  proofs,
  signing,
  services,
  starting,
  desk,
  fetching,
  input,
  flags,
  statement,
  states,
];

/** A code with its entry and the subject it belongs to. */
export interface Explained extends CodeEntry {
  code: string;
  subject: Subject;
  /** How much it matters when it is raised as an alert; null when it never is. */
  severity: Severity | null;
}

const CATALOGUE: ReadonlyMap<string, Explained> = new Map(
  SUBJECTS.flatMap((subject) =>
    Object.entries(subject.codes).map(
      ([code, entry]) =>
        [
          code,
          { code, ...entry, subject, severity: Object.hasOwn(ALERT_CODES, code) ? severityOf(code) : null },
        ] as const,
    ),
  ),
);

/** All codes, in the order of the document. */
export const codes = (): Explained[] => [...CATALOGUE.values()];

/**
 * What the catalogue says of a code, in whatever case it is typed; CODE_UNKNOWN, with the nearest code, when nothing
 * says it.
 */
export function explain(typed: string): Explained {
  const code = typed.trim().toUpperCase();
  const found = CATALOGUE.get(code);
  if (found) return found;
  throw usageError(
    'CODE_UNKNOWN',
    `code: ${bounded(typed)}: is not said by this program${didYouMean(code, [...CATALOGUE.keys()])}`,
    {
      remedy: 'docs/INCIDENTS.md has an index of all',
    },
  );
}

/** The command that is typed next where a code stands; undefined where it depends. */
export const nextOf = (code: string): string | undefined => CATALOGUE.get(code)?.next;

/** What would change a reason, for people; a code nobody knows is sent to the document that lists them. */
export const remedyOf = ({ code }: Pick<Reason, 'code'>): string =>
  CATALOGUE.get(code)?.remedy ?? `See ${code} in docs/INCIDENTS.md.`;
