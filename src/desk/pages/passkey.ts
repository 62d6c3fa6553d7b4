import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from '../../domain/errors.js';
import { ownPasskeys, type OwnPasskey } from '../../operations/signing/list-passkeys.js';
import { offerPasskey, wantPasskey } from '../../operations/signing/offer-passkey.js';
import { banner, code, paragraph, section, table, type Block, type Text } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Assets } from '../assets.js';
import { hostOf } from '../guard.js';
import { lookOf, pageOf, type PageContent } from '../look.js';
import type { Place } from '../place.js';
import { ENROLS_AT, hasToken, letIn, NOT_OF_SESSION, type Let } from '../sessions.js';
import { passkeyAsker } from '../signing.js';
import { template, type Template } from '../view/frame.js';

/** The passkeys of whoever was let in, and a new one. */
export function routePasskey(app: FastifyInstance, place: Place, assets: Assets): void {
  const answered = async (
    reply: FastifyReply,
    { request, who }: { request: FastifyRequest; who: Let },
    problem: Pick<Refusal, 'code' | 'message'> | null = null,
    status = 200,
  ) => {
    const content = await passkeyPage(place, who, problem);
    const page = await pageOf(await lookOf(place, request, who), who, content, assets);
    return reply.code(status).type('text/html; charset=utf-8').send(page);
  };
  app.get(ENROLS_AT, async (request, reply) => {
    const who = await letIn(place, request);
    return who === null ? reply.redirect('/enter', 303) : answered(reply, { request, who });
  });
  app.post(ENROLS_AT, async (request, reply) => {
    const who = await letIn(place, request);
    if (who === null) return reply.redirect('/enter', 303);
    const { operator, readOnly } = who.session;
    if (!hasToken(who, request.body) || readOnly || operator === null)
      return answered(reply, { request, who }, NOT_OF_SESSION, 403);
    const { label, challenge, registration } = request.body as Record<string, unknown>;
    const offered = await offerPasskey(place, passkeyAsker(place, who, operator), { label, challenge, registration });
    if (offered.ok) return reply.redirect(ENROLS_AT, 303);
    return answered(reply, { request, who }, offered.refusal, offered.refusal.kind === 'usage' ? 400 : 409);
  });
}

async function passkeyPage(
  place: Place,
  who: Let,
  problem: Pick<Refusal, 'code' | 'message'> | null,
): Promise<PageContent> {
  const { operator, readOnly } = who.session;
  const host = hostOf(place);
  const theirs = operator === null ? [] : await ownPasskeys(place, { operator });
  const why = operator === null ? NOBODY : readOnly ? READER : null;
  const form = operator !== null && why === null ? await formOf(place, who, operator) : '';
  return {
    title: 'Passkey',
    here: '/settings',
    command: 'trading-ops operator list',
    scripts: form === '' ? [] : ['passkey.js'],
    main: HEAD({
      operator,
      host,
      problem: problem === null ? '' : renderBlocks([banner('bad', problem.code, problem.message)]),
      passkeys: renderBlocks([...(why === null ? [] : [why]), ...(operator === null ? [] : [listOf(theirs)])]),
      form,
    }),
  };
}

const NOBODY = banner('warn', 'No name was given to this browser', [
  'A passkey is somebody’s: ',
  code('trading-ops desk open --operator <name>'),
  ' makes a link that says whose.',
]);
const READER = banner('warn', 'This browser may only read', 'It was let in by a link that makes no passkey.');

function listOf(passkeys: readonly OwnPasskey[]): Block {
  if (passkeys.length === 0) return paragraph('There is none yet.');
  return section('Yours', [table(['Fingerprint', 'Address', 'Label', 'State'], passkeys.map(rowOf))]);
}

const rowOf = ({ fingerprint, host, label, from, until }: OwnPasskey): Text[] => [
  code(fingerprint),
  host,
  label,
  from === null
    ? ['waits: ', code(`trading-ops operator approve ${fingerprint}`)]
    : until === null
      ? `signs since ${from}`
      : `ended at ${until}`,
];

async function formOf(place: Place, who: Let, operator: string): Promise<string> {
  const asker = passkeyAsker(place, who, operator);
  const { known, ...wanted } = await wantPasskey(place, asker);
  return FORM({ ...wanted, known: known.join(' '), token: who.token, operator });
}

const HEAD: Template<{
  operator: string | null;
  host: string;
  problem: string;
  passkeys: string;
  form: string;
}> = template(
  `<header>
<h1>Passkey</h1>
<p class="subtitle"><%= it.operator === null ? 'Nobody' : it.operator %> at <%= it.host %>:
a passkey belongs to one address.</p>
</header>
<%~ it.problem -%>
<%~ it.passkeys -%>
<%~ it.form -%>
`,
);

const FORM: Template<{
  token: string;
  challenge: string;
  known: string;
  name: string;
  user: string;
  operator: string;
}> = template(
  `<section>
<h2>A new one</h2>
<ol>
<li>The browser asks this device, which asks for a finger, a face or a PIN.</li>
<li>This page then shows its fingerprint.</li>
<li>At the terminal of this machine <code>trading-ops operator approve &lt;fingerprint&gt;</code> lets it sign.
From then on nothing else signs in the name of <%= it.operator %> but keys of their own:
commands ask for a key file.</li>
</ol>
<form method="post" action="${ENROLS_AT}" id="new-passkey" data-name="<%= it.name %>" data-user="<%= it.user %>"
 data-operator="<%= it.operator %>" data-known="<%= it.known %>">
<input type="hidden" name="token" value="<%= it.token %>">
<input type="hidden" name="challenge" value="<%= it.challenge %>" autocomplete="off">
<input type="hidden" name="registration" value="" autocomplete="off">
<p class="field"><label for="label">What to call it, such as the device</label>
<input id="label" name="label" type="text" maxlength="200" autocomplete="off"></p>
<p class="problem" id="passkey-problem" role="alert"></p>
<p><button disabled>Make a passkey</button></p>
<noscript><p>A passkey is made by a script, and scripts are off. A key file does the same at a terminal:
<code>trading-ops operator key new</code></p></noscript>
</form>
</section>
`,
);
