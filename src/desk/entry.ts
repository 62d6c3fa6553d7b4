import type { FastifyInstance, FastifyReply } from 'fastify';
import { enter } from '../operations/entry/enter.js';
import { leave } from '../operations/entry/session.js';
import type { Assets } from './assets.js';
import type { Place } from './place.js';
import { clearCookie, hasToken, letIn, setCookie } from './sessions.js';
import { alone, template, type Template } from './view/frame.js';

/** Codes that may be tried in a minute, all told: on loopback all come from one address. */
const TRIES = { max: 10, timeWindow: 60_000, keyGenerator: () => 'all' };

const ENTER: Template<{ problem: { code: string; message: string } | null }> = template(
  `<h1>Enter the desk</h1>
<% if (it.problem !== null) { -%>
<div class="banner bad" role="alert"><strong><%= it.problem.code %></strong><p><%= it.problem.message %></p></div>
<% } -%>
<p><code>make desk</code> prints a link that lets in once, within ten minutes. It ends in <code>/enter#…</code>;
where the link does not let in by itself, what follows the # is typed here.</p>
<form method="post" action="/enter">
<label for="code">Code</label>
<input id="code" name="code" type="text" required maxlength="100"
 autocomplete="off" autocapitalize="off" spellcheck="false">
<p><button>Enter</button></p>
</form>
<p>Let in already? <a href="/">Go on to the desk</a></p>
`,
);

/** In by a one-time code, and out again. */
export function routeEntry(app: FastifyInstance, place: Place, assets: Assets): void {
  const asked = (reply: FastifyReply, status = 200, problem: { code: string; message: string } | null = null) =>
    reply
      .code(status)
      .type('text/html; charset=utf-8')
      .send(alone({ title: 'Enter', main: ENTER({ problem }), script: 'entry.js' }, assets));

  app.get('/enter', (_, reply) => asked(reply));
  app.post('/enter', { config: { rateLimit: TRIES } }, async (request, reply) => {
    const code = String((request.body as Record<string, unknown> | undefined)?.['code'] ?? '');
    const begun = await enter(place, { code });
    if (!begun.ok) return asked(reply, begun.refusal.kind === 'usage' ? 400 : 403, begun.refusal);
    // Whoever was let in before by this browser is not any more.
    const before = await letIn(place, request);
    if (before) await leave(place, before.id);
    return setCookie(place, reply, begun.result.id).redirect('/', 303);
  });
  app.post('/leave', async (request, reply) => {
    const who = await letIn(place, request);
    if (who && !hasToken(who, request.body)) return asked(reply, 403, NO_TOKEN);
    if (who) await leave(place, who.id);
    return clearCookie(place, reply).redirect('/enter', 303);
  });
}

const NO_TOKEN = { code: 'FORM_UNKNOWN', message: 'the form was not one of this session: open the page again' };
