import type { FastifyInstance, FastifyReply } from 'fastify';
import { enter } from '../operations/entry/enter.js';
import { leave } from '../operations/entry/session.js';
import type { Assets } from './assets.js';
import type { Place } from './place.js';
import { fieldsSent, type Typed } from './forms/form.js';
import { typedAgain } from './forms/view.js';
import { SIGNING_FIELDS } from './signing.js';
import { clearCookie, hasToken, letIn, setCookie, tokenOf } from './sessions.js';
import { alone, template, type Template } from './view/frame.js';

/** Codes that may be tried in a minute, all told: on loopback all come from one address. */
const TRIES = { max: 10, timeWindow: 60_000, keyGenerator: () => 'all' };

const ENTER: Template<{ problem: Problem | null; carried: [string, string][] }> = template(
  `<h1>Enter the desk</h1>
<% if (it.problem !== null) { -%>
<div class="banner bad" role="alert"><strong><%= it.problem.code %></strong><p><%= it.problem.message %></p></div>
<% } -%>
<p><code>make desk</code> prints a link that lets in once, within ten minutes. It ends in <code>/enter#…</code>;
where the link does not let in by itself, what follows the # is typed here.</p>
<form method="post" action="/enter">
<% for (const [name, value] of it.carried) { -%>
<input type="hidden" name="<%= name %>" value="<%= value %>">
<% } -%>
<label for="code">Code</label>
<input id="code" name="code" type="text" required maxlength="100"
 autocomplete="off" autocapitalize="off" spellcheck="false">
<p><button>Enter</button></p>
</form>
<p>Let in already? <a href="/">Go on to the desk</a></p>
`,
);

interface Problem {
  code: string;
  message: string;
}

/** A form that was sent by nobody who is let in: where to, and what stood in it. */
export interface Carried {
  action: string;
  sent: Typed;
}

/** The names under which a form goes along while somebody enters. */
const CARRIED = 'carried.';

/** The page to enter by. @param carried what was sent and waits meanwhile, in the page alone */
export const enterMain = (problem: Problem | null, carried: Carried | null = null): string =>
  ENTER({
    problem,
    carried:
      carried === null
        ? []
        : Object.entries({ action: carried.action, ...prefixed(carried.sent) }).map(([name, value]) => [
            `${CARRIED}${name}`,
            value,
          ]),
  });

const prefixed = (sent: Typed): Typed =>
  Object.fromEntries(Object.entries(sent).flatMap(([name, value]) => (UNSENT.has(name) ? [] : [[`f.${name}`, value]])));
/** Of the session that is over, and what is asked anew. */
const UNSENT = new Set(['token', 'step', ...SIGNING_FIELDS]);

/** What went along; null where nothing did, or to no page of ours. */
function carriedOf(body: Typed): Carried | null {
  const action = body[`${CARRIED}action`];
  if (action === undefined || !/^\/(?![/\\])/.test(action)) return null;
  const sent = Object.entries(body).flatMap(([name, value]): [string, string][] =>
    name.startsWith(`${CARRIED}f.`) ? [[name.slice(CARRIED.length + 2), value]] : [],
  );
  return { action, sent: Object.fromEntries(sent) };
}

/** In by a one-time code, and out again. */
export function routeEntry(app: FastifyInstance, place: Place, assets: Assets): void {
  const asked = (reply: FastifyReply, status = 200, problem: Problem | null = null, carried: Carried | null = null) =>
    reply
      .code(status)
      .type('text/html; charset=utf-8')
      .send(alone({ title: 'Enter', main: enterMain(problem, carried), script: 'entry.js' }, assets));

  app.get('/enter', (_, reply) => asked(reply));
  app.post('/enter', { config: { rateLimit: TRIES } }, async (request, reply) => {
    const body = fieldsSent(request.body);
    const carried = carriedOf(body);
    const begun = await enter(place, { code: body['code'] ?? '' });
    if (!begun.ok) return asked(reply, begun.refusal.kind === 'usage' ? 400 : 403, begun.refusal, carried);
    // Whoever was let in before by this browser is not any more.
    const before = await letIn(place, request);
    if (before) await leave(place, before.id);
    setCookie(place, reply, begun.result.id);
    return carried === null ? reply.redirect('/', 303) : goOn(reply, assets, begun.result.id, carried);
  });
  app.post('/leave', async (request, reply) => {
    const who = await letIn(place, request);
    if (who && !hasToken(who, request.body)) return asked(reply, 403, NO_TOKEN);
    if (who) await leave(place, who.id);
    return clearCookie(place, reply).redirect('/enter', 303);
  });
}

/** Back to the form with what was typed into it, by a button: nothing is asked for by entering. */
function goOn(reply: FastifyReply, assets: Assets, id: string, { action, sent }: Carried): FastifyReply {
  const again = typedAgain(action, { ...sent, token: tokenOf(id) }, { button: 'Go on with the form', step: 'form' });
  const main = `<h1>You are let in</h1>\n${again}`;
  return reply.type('text/html; charset=utf-8').send(alone({ title: 'You are let in', main }, assets));
}

const NO_TOKEN = { code: 'FORM_UNKNOWN', message: 'the form was not one of this session: open the page again' };
