import { code, link, type Span } from '../reports/render/document.js';
import { labelIn } from './forms/labels.js';

/*
 * What a refusal says to whoever sits at the desk. Rules are told once, in the words of the command line; where these
 * name what is typed there, the desk has a page or a field of its own, and says that. All doors but this one leave them
 * as they are.
 */

/** What follows a command: its options, each with a value or without. */
const VALUE = '"[^"]*"|<[^>]*>|(?!--)[^\\s,;:)"]+(?=\\s--|[,;:)]|\\.?$|\\s\\(|\\n)';
const OPTIONS = `(?:(?: --)? --[a-z][a-z-]*(?:[ =](?:${VALUE}))?)*`;

/** What the desk has in the place of a command: where, and what that is called. */
interface Way {
  href: string;
  text: string;
}

type Command = readonly [command: string, way: (base: string, said: readonly (string | undefined)[]) => Way];

const own =
  (path: string, text: string): Command[1] =>
  (base) => ({ href: `${base}/${path}`, text });
const general =
  (path: string, text: string): Command[1] =>
  () => ({ href: path, text });

/** Commands whose work the desk does, or whose list it shows; the longer ones before those that they begin with. */
const COMMANDS: readonly Command[] = [
  ['make reconcile-daily', own('reconcile', 'Reconcile')],
  ['trading-ops reconcile-daily', own('reconcile', 'Reconcile')],
  [
    'trading-ops ticket show ([0-9a-f-]{36})',
    (base, [id]) => ({ href: `${base}/tickets/${id}`, text: 'the page of that ticket' }),
  ],
  ['trading-ops tickets-last', own('tickets', 'Tickets')],
  ['(?:FILLS_JSON=\\S+ )?make confirm-fills', own('tickets', 'Confirm, from the page of the ticket')],
  ['make confirm', own('tickets', 'Acknowledge, from the page of the ticket')],
  [
    'trading-ops ledger reverse --entry (\\d+)',
    (base, [entry]) => ({ href: `${base}/ledger/${entry}/reverse`, text: `reverse entry ${entry}` }),
  ],
  ['trading-ops ledger-baseline', own('baseline', 'Set a baseline')],
  ['trading-ops ledger journal', own('ledger', 'Ledger')],
  ['make ledger-report', own('ledger', 'Ledger')],
  [
    'trading-ops actions rule --symbol (\\S+) --ex-date (\\S+) --kind (\\w+)(?: --type (\\w+))?',
    (base, [symbol = '', exDate = '', kind = '', type]) => {
      const named = { symbol, exDate, kind: kind.toUpperCase(), ...(type !== undefined && { type }) };
      return { href: `${base}/actions/rule?${new URLSearchParams(named).toString()}`, text: 'Rule on it' };
    },
  ],
  ['trading-ops actions list', general('/quality', 'Quality')],
  ['trading-ops alerts list', general('/alerts', 'Alerts')],
  ['trading-ops alerts-last', general('/alerts', 'Alerts')],
  [
    'make run-(0800|1400)',
    (base, [slot]) => ({ href: `${base}/runs/start?slot=${slot}`, text: `Start a run: ${slot}` }),
  ],
  ['(?:make|trading-ops) runs-last', general('/runs', 'Runs')],
  ['trading-ops schedules (?:show|apply|pause|backfill|remove)', general('/schedules', 'Schedules')],
  ['trading-ops backups (?:list|verify)', general('/backups', 'Backups')],
  ['make backup(?! --)', own('backups/now', 'Back up now')],
  ['trading-ops desk sessions', general('/settings', 'Settings')],
  ['trading-ops audit verify', general('/audit', 'Audit')],
  [
    'trading-ops statement withdraw ([\\w-]+)',
    (base, [id]) => ({ href: `${base}/statements/${id}/withdraw`, text: 'withdraw that statement' }),
  ],
  ['trading-ops day', own('today', 'Today')],
];

/** Any other command with options is typed at a terminal, and stands as it is. */
const WORD = '(?:<[^>]*>|"[^"]*"|(?!--)[\\w./=…-]+)';
const TYPED = `(?:make|trading-ops)(?: ${WORD})+(?= --)${OPTIONS}`;

/** What is said of options in sentences, as the form asks it. */
const PHRASES: readonly (readonly [said: string, instead: string])[] = [
  ['confirm again with --amend', 'amend it'],
  ['type it with --amend', 'amend it'],
  ['confirming its ticket again with --amend', 'amending the answer to its ticket'],
  [
    'send them again with --accept-deviation .*',
    'say of each line why it departs from the ticket, and send them again',
  ],
  ['say so with --another', 'tick that a second one is meant'],
  ['--help lists what the command takes', 'each field says what it takes'],
  ['add --operator <name>, or set TRADING_OPS_OPERATOR', 'say who you are, in the bar'],
  ['name one with --account', 'choose one'],
  ['give that account: --account [^\\s;]+', 'import it from the pages of that account'],
  ['give the account that it belongs to: --account', 'import it from the pages of the account that it belongs to'],
  ['--at and TRADING_OPS_AT are refused', 'another time is refused'],
  ['leave --at out', 'say no time'],
  ['ask again with the command, which signs what it sends', 'open the form anew, and send it again'],
];

/** An option in a sentence: the field of that name. */
const OPTION = '--([a-z][a-z-]*)';

/** What somebody typed, as a refusal quotes it. */
const QUOTED = '"[^"]*"';

/** Everything that is said otherwise, in one expression: commands first, for their options are theirs. */
const SAID = new RegExp(
  [
    QUOTED,
    ...PHRASES.map(([said]) => `(?:${said})`),
    ...COMMANDS.map(([command]) => `(?:${command})${OPTIONS}`),
    TYPED,
    OPTION,
  ].join('|'),
  'g',
);

/** Where it is said. */
export interface Where {
  /** The address of the account's pages, such as `/main`; null where no account is known, so that nothing is a link. */
  base: string | null;
  /** The HTML of the form at hand, whose fields are called as it calls them. */
  body?: string;
}

/** A refusal, or what to do about it, as the desk says it. */
export function deskWords(text: string, where: Where): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const found of text.matchAll(SAID)) {
    if (found.index > end) spans.push(text.slice(end, found.index));
    spans.push(saidInstead(found[0], where));
    end = found.index + found[0].length;
  }
  return end < text.length ? [...spans, text.slice(end)] : spans;
}

/** The same where nothing can be followed. */
export const deskText = (text: string, where: Pick<Where, 'body'> = {}): string =>
  deskWords(text, { base: null, ...where })
    .map((span) => (typeof span === 'string' ? span : 'code' in span ? span.code : 'text' in span ? span.text : ''))
    .join('');

function saidInstead(said: string, { base, body = '' }: Where): Span {
  if (isWhole(QUOTED, said)) return said;
  const phrase = PHRASES.find(([one]) => isWhole(one, said));
  if (phrase) return phrase[1];
  for (const [command, way] of COMMANDS) {
    const found = new RegExp(`^(?:${command})${OPTIONS}$`).exec(said);
    if (found === null) continue;
    const { href, text } = way(baseOf(said) ?? base ?? '', found.slice(1));
    return base === null ? text : link(href, text);
  }
  const option = new RegExp(`^${OPTION}$`).exec(said)?.[1];
  if (option === undefined) return code(said);
  const name = option.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return `“${labelIn(body, name)}”`;
}

/** The pages of the account that a command names, which need not be the one at hand; null where it names none. */
function baseOf(command: string): string | null {
  const [, account] = /\s--account[ =]([\w-]+)/.exec(command) ?? [];
  return account === undefined ? null : `/${encodeURIComponent(account)}`;
}

const isWhole = (expression: string, text: string): boolean => new RegExp(`^(?:${expression})$`).test(text);
