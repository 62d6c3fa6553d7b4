import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { enter } from '../operations/entry/enter.js';
import { leave, sessionOf } from '../operations/entry/session.js';
import type { Assets } from './assets.js';
import type { IsPage } from './next.js';
import type { Place } from './place.js';
import { fieldsSent, type Typed } from './forms/form.js';
import { typedAgain } from './forms/view.js';
import { enterByPasskey, wantEntry } from '../operations/entry/enter-by-passkey.js';
import { hostOf } from './guard.js';
import { SIGNING_FIELDS } from './signing.js';
import { clearCookie, ENROLS_AT, hasToken, letIn, NOT_OF_SESSION, setCookie, tokenOf } from './sessions.js';
import { alone, template, type Template } from './view/frame.js';

/** Tries in a minute: all told on loopback, where all have one address, and of each where other machines come. */
const triesOf = ({ exposure }: Place) => ({
  max: 10,
  timeWindow: 60_000,
  keyGenerator: ({ ip }: FastifyRequest) => (exposure === null ? 'all' : ip),
});

const ENTER: Template<{
  problem: Problem | null;
  carried: [string, string][];
  passkey: { challenge: string; name: string } | null;
  next: string | null;
}> = template(
  `<h1>Enter the desk</h1>
<% if (it.next !== null) { -%>
<p>Let in already? <a href="<%= it.next %>">Go on to <%= it.next %></a></p>
<% } -%>
<% if (it.problem !== null) { -%>
<div class="banner bad" role="alert"><strong><%= it.problem.code %></strong><p><%= it.problem.message %></p></div>
<% } -%>
<% if (it.passkey !== null) { -%>
<form method="post" action="/enter"
<% if (it.carried.length > 0) { %> enctype="multipart/form-data"<% } %>>
<% for (const [name, value] of it.carried) { -%>
<input type="hidden" name="<%= name %>" value="<%= value %>">
<% } -%>
<% if (it.next !== null) { -%>
<input type="hidden" name="next" value="<%= it.next %>">
<% } -%>
<div id="sign" data-name="<%= it.passkey.name %>" data-challenge="<%= it.passkey.challenge %>">
<input type="hidden" name="challenge" value="<%= it.passkey.challenge %>" autocomplete="off">
<input type="hidden" name="assertion" value="" autocomplete="off">
<p><button data-signs disabled>Enter with a passkey</button></p>
<noscript><p>A passkey is asked by a script, and scripts are off.</p></noscript>
<p class="problem" id="sign-problem" role="alert"></p>
</div>
</form>
<h2>No passkey of this address yet?</h2>
<p>A code lets in to make one, and to nothing else.</p>
<% } -%>
<p class="banner warn" id="cookies" hidden>This browser keeps no cookie of the desk, and without one nobody is let in:
allow cookies for this address, load the page anew, and open the link again: it is not used up.</p>
<noscript><p>The desk lets in by a cookie: where the browser keeps none, a code is used up for nothing.</p></noscript>
<p><code>make desk</code> prints a link that lets in once, within ten minutes. It ends in <code>/enter#…</code>;
where the link does not let in by itself, what follows the # is typed here.</p>
<form method="post" action="/enter"
<% if (it.carried.length > 0) { %> enctype="multipart/form-data"<% } %>>
<% for (const [name, value] of it.carried) { -%>
<input type="hidden" name="<%= name %>" value="<%= value %>">
<% } -%>
<% if (it.next !== null) { -%>
<input type="hidden" name="next" value="<%= it.next %>">
<% } -%>
<label for="code">Code</label>
<input id="code" name="code" type="text" required maxlength="100"
 autocomplete="off" autocapitalize="off" spellcheck="false">
<p><button>Enter</button></p>
</form>
<% if (it.next === null) { -%>
<p>Let in already? <a href="/">Go on to the desk</a></p>
<% } -%>
`,
);

interface Problem {
  code: string;
  message: string;
}

/** A form that was sent by nobody who is let in: where to, and what stood in it. */
export interface Carried {
  action: string;
  /** In whose name the session was in which it was typed; null where nobody can say. */
  by: string | null;
  sent: Typed;
}

/** The names under which a form goes along while somebody enters. */
const CARRIED = 'carried.';

/** What the page to enter by is shown with. */
interface Shown {
  problem?: Problem | null;
  carried?: Carried | null;
  /** A page of the desk to go on to. */
  next?: string | null;
}

function enterMain(place: Place, { problem = null, carried = null, next = null }: Shown): string {
  return ENTER({
    problem,
    next,
    passkey: place.exposure === null ? null : wantEntry(place, hostOf(place)),
    carried:
      carried === null
        ? []
        : Object.entries({
            action: carried.action,
            ...(carried.by !== null && { by: carried.by }),
            ...prefixed(carried.sent),
          }).map(([name, value]) => [`${CARRIED}${name}`, value]),
  });
}

/** The whole page to enter by; what was sent meanwhile waits in the page alone. */
export function enterPage(place: Place, assets: Assets, shown: Shown = {}): string {
  const scripts = place.exposure === null ? ['entry.js'] : ['entry.js', 'sign.js'];
  return alone({ title: 'Enter', main: enterMain(place, shown), scripts }, assets);
}

const prefixed = (sent: Typed): Typed =>
  Object.fromEntries(Object.entries(sent).flatMap(([name, value]) => (UNSENT.has(name) ? [] : [[`f.${name}`, value]])));
/** Of the session that is over, and what is asked anew. */
const UNSENT = new Set(['token', 'typist', 'step', ...SIGNING_FIELDS]);

/** What went along; null where nothing did, or to no page of ours. */
function carriedOf(body: Typed, isPage: IsPage): Carried | null {
  const action = body[`${CARRIED}action`];
  if (action === undefined || !isPage(action)) return null;
  const sent = Object.entries(body).flatMap(([name, value]): [string, string][] =>
    name.startsWith(`${CARRIED}f.`) ? [[name.slice(CARRIED.length + 2), value]] : [],
  );
  return { action, by: body[`${CARRIED}by`] || null, sent: Object.fromEntries(sent) };
}

/** In by a one-time code, and out again. @param isPage the pages that somebody may go on to */
export function routeEntry(app: FastifyInstance, place: Place, assets: Assets, isPage: IsPage): void {
  const asked = async (reply: FastifyReply, status: number, shown: Shown) =>
    reply
      .code(status)
      .type('text/html; charset=utf-8')
      .send(enterPage(place, assets, shown));
  const nextIn = ({ next = '' }: Typed): string | null => (isPage(next) ? next : null);

  app.get('/enter', (request, reply) => asked(reply, 200, { next: nextIn(fieldsSent(request.query)) }));
  app.post('/enter', { config: { rateLimit: triesOf(place) } }, async (request, reply) => {
    const body = fieldsSent(request.body);
    const [carried, next] = [carriedOf(body, isPage), nextIn(body)];
    const begun = await begin(place, body);
    if (!begun.ok)
      return asked(reply, begun.refusal.kind === 'usage' ? 400 : 403, { problem: begun.refusal, carried, next });
    // Whoever was let in before by this browser is not any more.
    const before = await letIn(place, request);
    if (before) await leave(place, before.id);
    setCookie(place, reply, begun.result.id);
    if (begun.result.entry === 'enrol') return reply.redirect(ENROLS_AT, 303);
    if (carried === null) return reply.redirect(next ?? '/', 303);
    const { id } = begun.result;
    return goOn(reply, assets, { id, name: (await sessionOf(place, id))?.operator ?? null }, carried);
  });
  app.post('/leave', async (request, reply) => {
    const who = await letIn(place, request);
    if (who && !hasToken(who, request.body)) return asked(reply, 403, { problem: NOT_OF_SESSION });
    if (who) await leave(place, who.id);
    return clearCookie(place, reply).redirect('/enter', 303);
  });
}

/** In by a passkey where other machines reach the desk, else by a code. */
function begin(place: Place, { code = '', challenge = '', assertion = '' }: Typed) {
  if (place.exposure === null || assertion === '') return enter(place, { code });
  return enterByPasskey(place, { host: hostOf(place), challenge, assertion });
}

/** Back to the form with what was typed into it, by a button: nothing is asked for by entering. */
function goOn(
  reply: FastifyReply,
  assets: Assets,
  { id, name }: { id: string; name: string | null },
  { action, by, sent }: Carried,
): FastifyReply {
  const again = typedAgain(action, { ...sent, token: tokenOf(id) }, { button: 'Go on with the form', step: 'form' });
  const main = LET_IN({ typist: by, name, isOther: by === null || by !== name }) + again;
  return reply.type('text/html; charset=utf-8').send(alone({ title: 'You are let in', main }, assets));
}

/** Whose words stand in the form, where they may be of somebody else than who was let in. */
const LET_IN: Template<{ typist: string | null; name: string | null; isOther: boolean }> = template(
  `<h1>You are let in<% if (it.name !== null) { %> as <%= it.name %><% } %></h1>
<% if (it.isOther) { -%>
<div class="banner warn" role="status"><strong>Typed by <%= it.typist ?? 'whoever sat here before' %></strong>
<p>Look at each figure yourself: once you send it, it is said in
<% if (it.name === null) { %>the name that you give<% } else { %>the name of <%= it.name %><% } %>.</p></div>
<% } -%>
`,
);
