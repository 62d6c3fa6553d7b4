import type { FastifyError } from 'fastify';
import { explainDatabaseError } from '../db/explained.js';
import { faultText, OpsError, type ErrorKind } from '../domain/errors.js';
import type { Typed } from './forms/form.js';
import { typedAgain } from './forms/view.js';
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
  /^(ACCOUNT_UNKNOWN|TICKET_UNKNOWN|TICKET_INVALID|UNKNOWN_ID|ID_AMBIGUOUS|ENTRY_UNKNOWN|ASKED_UNKNOWN)$/;
const STATUS: Record<ErrorKind, number> = { usage: 400, refused: 409, unreachable: 503, fault: 500 };
/** What the server itself turns away. */
const OF_SERVER: Record<number, { code: string; message: string }> = {
  403: { code: 'FORM_UNKNOWN', message: 'the form was not one of this session: open the page again' },
  404: { code: 'PAGE_UNKNOWN', message: 'there is no such page' },
  413: { code: 'FORM_TOO_LARGE', message: 'what was sent is larger than the desk takes' },
  429: { code: 'TOO_MANY_TRIES', message: 'ten codes were tried within a minute: wait for one' },
};

/** Tells an error of any kind as a page does; what an operation refused keeps its code and its remedy. */
export function failureOf(thrown: unknown, databaseUrl: string): Failure {
  const status = (thrown as Partial<FastifyError>).statusCode;
  const known = explainDatabaseError(thrown, databaseUrl);
  if (known instanceof OpsError) {
    const { code, kind, message, remedy } = known;
    return { status: NOT_THERE.test(code) ? 404 : STATUS[kind], code, message, remedy: remedy ?? null };
  }
  if (status !== undefined && status >= 400 && status < 500) {
    const { code, message } = OF_SERVER[status] ?? { code: 'REQUEST_INVALID', message: faultText(thrown) };
    return { status, code, message, remedy: null };
  }
  return { status: 500, code: 'FAULT', message: faultText(thrown), remedy: 'make logs' };
}

/** The page of it, from memory. */
const FAILURE: Template<Failure & { again: string }> = template(
  `<h1><%= it.code %></h1>
<p><%= it.message %></p>
<% if (it.remedy) { -%>
<p>What to do: <code><%= it.remedy %></code></p>
<% } -%>
<% if (it.status === 503) { -%>
<p>To stop all trading meanwhile: <code>trading-ops kill-switch engage --reason "&lt;why&gt;"</code> needs neither.</p>
<% } -%>
<%~ it.again -%>
<p><% if (it.again === '') { %><a href="">Try again</a> · <% } %><a href="/">To the desk</a></p>
`,
);

/** @param posted the form that was sent, in the page with all that was typed, to be sent again; null for a look */
export const failureMain = (failure: Failure, posted: { action: string; sent: Typed } | null = null): string =>
  FAILURE({
    ...failure,
    again:
      posted === null
        ? ''
        : typedAgain(posted.action, posted.sent, { button: 'Send it again', step: posted.sent['step'] ?? 'check' }),
  });
