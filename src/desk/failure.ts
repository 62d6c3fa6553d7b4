import type { FastifyError } from 'fastify';
import { explainDatabaseError } from '../db/explained.js';
import { faultText, OpsError, type ErrorKind } from '../domain/errors.js';
import type { Typed } from './forms/form.js';
import { code, paragraph } from '../reports/render/document.js';
import { withUkTimes } from '../reports/render/format.js';
import { renderBlocks } from '../reports/render/html.js';
import { installationPaths } from '../runtime/paths.js';
import { downForRestore } from '../runtime/postgres/restore-under-way.js';
import { deskText, deskWords } from './desk-words.js';
import { BODY_BYTES_MAX, FIELDS_MAX } from './limits.js';
import type { FileTaken } from './multipart.js';
import type { Place } from './place.js';
import { NOT_OF_SESSION } from './sessions.js';
import { typedAgain, hasTyped } from './forms/view.js';
import { filterForm } from './view/filter.js';
import { template, type Template } from './view/frame.js';

/** What went wrong, as a page tells it. */
export interface Failure {
  status: number;
  code: string;
  message: string;
  remedy: string | null;
}

/** What names something that is not there, by the codes of the operations. */
const NOT_THERE =
  /^(ACCOUNT_UNKNOWN|TICKET_UNKNOWN|TICKET_INVALID|STATEMENT_UNKNOWN|UNKNOWN_ID|ID_AMBIGUOUS|ENTRY_UNKNOWN|ASKED_UNKNOWN)$/;
const STATUS: Record<ErrorKind, number> = { usage: 400, refused: 409, unreachable: 503, fault: 500 };
/** What the server itself turns away. */
const OF_SERVER: Record<number, { code: string; message: string }> = {
  403: NOT_OF_SESSION,
  404: { code: 'PAGE_UNKNOWN', message: 'there is no such page' },
  413: {
    code: 'FORM_TOO_LARGE',
    message:
      `what was sent is larger than the desk takes: must be at most ${BODY_BYTES_MAX / 1024} kB, with a file in it, ` +
      `and have at most ${FIELDS_MAX} fields`,
  },
  429: { code: 'TOO_MANY_TRIES', message: 'ten codes were tried within a minute: wait for one' },
};

/** The same of a form with a file. */
const ofFile = ({ name, maxBytes, tooLarge }: FileTaken): typeof OF_SERVER => ({
  413: { code: tooLarge, message: `${name}: must be at most ${maxBytes} bytes` },
  429: { code: 'UPLOADS_FULL', message: 'other files are being sent and read: wait for a minute, then send it again' },
});

/**
 * Tells an error of any kind as a page does; what an operation refused keeps its code and its remedy.
 * @param file the one that the form takes which was sent, where it takes one: what is too large is that
 */
export function failureOf(
  thrown: unknown,
  { databaseUrl, dataDir }: Pick<Place, 'databaseUrl' | 'dataDir'>,
  file?: FileTaken,
): Failure {
  const status = (thrown as Partial<FastifyError>).statusCode;
  const known = whyDown(explainDatabaseError(thrown, databaseUrl), dataDir);
  if (known instanceof OpsError) {
    const { code, kind, message, remedy } = known;
    return { status: NOT_THERE.test(code) ? 404 : STATUS[kind], code, message, remedy: remedy ?? null };
  }
  if (status !== undefined && status >= 400 && status < 500) {
    const { code, message } = (file && ofFile(file)[status]) ??
      OF_SERVER[status] ?? { code: 'REQUEST_INVALID', message: faultText(thrown) };
    return { status, code, message, remedy: null };
  }
  return { status: 500, code: 'FAULT', message: faultText(thrown), remedy: 'make logs' };
}

/** A database that is away while a restore is at it is not started by hand. */
const whyDown = (error: unknown, dataDir: string): unknown =>
  error instanceof OpsError && error.code === 'POSTGRES_DOWN'
    ? (downForRestore(installationPaths(dataDir)) ?? error)
    : error;

/** The page of it, from memory. */
const FAILURE: Template<Omit<Failure, 'remedy'> & { todo: string; again: string; isLookedAt: boolean }> = template(
  `<h1><%= it.code %></h1>
<p><%= it.message %></p>
<%~ it.todo -%>
<% if (it.status === 503) { -%>
<p>To stop all trading meanwhile: <code>trading-ops kill-switch engage --reason "&lt;why&gt;"</code> needs neither.</p>
<% } -%>
<%~ it.again -%>
<p><% if (it.again === '' && it.isLookedAt) { %><a href="">Try again</a> · <% } %><a href="/">To the desk</a></p>
`,
);

/**
 * To enter again: what lets in is typed or followed once more, and stands in no page. What waits meanwhile goes along.
 */
const ENTER_AGAIN: Template<{ hidden: [string, string][] }> = template(
  `<form method="post" action="/enter" class="asks">
<% for (const [name, value] of it.hidden) { -%>
<input type="hidden" name="<%= name %>" value="<%= value %>">
<% } -%>
<label for="code">Code, what follows the # of the link</label>
<input id="code" name="code" type="text" required maxlength="100"
 autocomplete="off" autocapitalize="off" spellcheck="false">
<p class="actions"><button>Enter</button></p>
</form>
`,
);

/** Whatever was sent to be let in by. */
const LETS_IN = new Set(['code', 'challenge', 'assertion']);

function sendAgain({ status }: Failure, { action, sent }: { action: string; sent: Typed }): string {
  if (status < 500)
    return hasTyped(sent)
      ? typedAgain(action, sent, { button: 'Back to the form, without what is too large', step: 'form' })
      : '';
  if (action.split('?', 1)[0] !== '/enter')
    return typedAgain(action, sent, { button: 'Send it again', step: sent['step'] ?? 'check' });
  return ENTER_AGAIN({ hidden: Object.entries(sent).filter(([name]) => !LETS_IN.has(name)) });
}

/**
 * A look that was refused for what was asked of it, to be put right where it was typed; empty for any other, which
 * has only to be tried again.
 */
function askAgain({ status }: Failure, url: string): string {
  const [action = '', query = ''] = url.split('?', 2);
  // Of what is said twice one field is left, with its last word.
  const fields = [...new Map(new URLSearchParams(query))].filter(([, value]) => value !== '');
  if (status !== 400 || fields.length === 0) return '';
  return filterForm(
    action,
    'Asked again',
    fields.map(([name, value]) => ({ name, label: name, value })),
    [],
    'Without it',
  );
}

/**
 * @param asked the form that was sent, in the page with all that was typed, to be sent again; or the address that was
 * looked at
 * @param isLookedAt whether there is a page at its address, to be tried again
 */
export function failureMain(
  failure: Failure,
  asked: { action: string; sent: Typed } | string,
  isLookedAt = true,
): string {
  const { remedy, ...told } = { isLookedAt, ...failure, message: deskText(withUkTimes(failure.message)) };
  const todo = remedyOf(remedy, typeof asked === 'string' ? asked : asked.action);
  if (typeof asked !== 'string') return FAILURE({ ...told, todo, again: sendAgain(failure, asked) });
  const again = askAgain(failure, asked);
  // What a command takes is no help to whoever can put it right here.
  return FAILURE({ ...told, again, todo: again === '' ? todo : '' });
}

/** How addresses begin that are of no account: one of such a name is led nowhere from here. */
const OF_NO_ACCOUNT = /^\/(?:asked|alerts|audit|backups|enter|quality|runs|schedules|settings)\//;

/** What to do about it, as the pages of the account have it that was looked at. @param url what was asked for */
function remedyOf(remedy: string | null, url: string): string {
  if (remedy === null || remedy === '') return '';
  const base = OF_NO_ACCOUNT.test(url) ? null : (/^\/[\w.%-]+(?=\/)/.exec(url)?.[0] ?? null);
  const said = deskWords(remedy, { base });
  const isAsTyped = said.length === 1 && said[0] === remedy;
  return renderBlocks([paragraph(['What to do: ', ...(isAsTyped ? [code(remedy)] : said)])]);
}
