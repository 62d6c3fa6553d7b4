import type { Signer } from '../contract/asker.js';
import { sha256 } from '../domain/hash.js';
import { stated, type Act } from '../domain/signing/attestation.js';
import { relyingParty } from '../domain/signing/passkey-host.js';
import type { PasskeyAsker } from '../operations/signing/ask-passkey.js';
import { askToSign, signedByPasskey } from '../operations/signing/sign-by-passkey.js';
import { credentialsOf, signsBy, type SignsBy } from '../operations/signing/signs-by.js';
import { installationSigningKey } from '../runtime/signing/installation-key.js';
import { signAct } from '../runtime/signing/sign.js';
import type { Place } from './place.js';
import type { Let } from './sessions.js';
import { template, type Template } from './view/frame.js';

/** The host, with its port, by which a browser knows the desk: passkeys belong to it. */
export const hostOf = ({ port }: Pick<Place, 'port'>): string => `localhost:${port}`;

/** Whose passkey is asked, in which session. */
export const passkeyAsker = (place: Place, { id }: Pick<Let, 'id'>, operator: string): PasskeyAsker => ({
  operator,
  sessionId: id,
  host: hostOf(place),
});

/**
 * Signs what a form sends: with the passkey of whoever has a key of their own, whose answer came with the form, else
 * with the installation's key.
 * @param body of the form, with the fields of `toSign` where a passkey signs.
 * @throws OpsError from the signer: as `signedByPasskey`, and SIGNING_KEY_MISSING
 */
export const signerFor =
  (place: Place, who: Pick<Let, 'id'>, body: unknown): Signer =>
  async (operator, act) => {
    const asker = passkeyAsker(place, who, operator);
    if ((await signsBy(place, asker)).by === 'installation') {
      const by = { kind: 'installation', installation: place.installation, operator } as const;
      return signAct(installationSigningKey(place.dataDir), by, act, place.now());
    }
    const sent = (name: string) => String((body as Record<string, unknown> | undefined)?.[name] ?? '');
    return signedByPasskey(place, asker, act, { attestation: sent('attestation'), assertion: sent('assertion') });
  };

/** What was asked for while it was reviewed; null where it came to nothing that is signed. */
export interface Reviewed {
  operator: string;
  act: Act;
}

/**
 * The signer that an operation is given while what it would do is reviewed: it learns what would be signed, and its
 * signature counts for nothing.
 */
export function reviewSigner(): { sign: Signer; reviewed(): Reviewed | null } {
  let found: Reviewed | null = null;
  return {
    reviewed: () => found,
    sign(operator, act) {
      found = { operator, act };
      const at = '1970-01-01T00:00:00.000Z';
      const attestation = stated(act, { installation: NOBODY, operator, nonce: '0'.repeat(32), at });
      return Promise.resolve({ attestation, kind: 'installation', key: '', signature: '' });
    },
  };
}

/** An installation that there is not. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** What a review page carries so that what it shows can be signed. */
export interface ToSign {
  /** HTML within the form: the statement and the place for the passkey's answer, or what signs instead. */
  fields: string;
  /** Who signs: the form of a passkey waits for its script, and one that is signed elsewhere has no button. */
  by: SignsBy['by'];
  scripts: readonly string[];
}

/**
 * What a review page carries for whoever signs it. Of a passkey that is a statement to be answered within five minutes.
 * @param command what is typed for the same at a terminal.
 */
export async function toSign(
  place: Place,
  who: Pick<Let, 'id'>,
  { operator, act, command }: Reviewed & { command: string },
): Promise<ToSign> {
  const asker = passkeyAsker(place, who, operator);
  const signs = await signsBy(place, asker);
  if (signs.by === 'installation') return { fields: '', by: signs.by, scripts: [] };
  if (signs.by === 'elsewhere') return { fields: ELSEWHERE({ operator, host: asker.host, command }), by: signs.by, scripts: [] };
  const attestation = await askToSign(place, asker, act);
  const credentials = (await credentialsOf(place, signs.keys)).join(' ');
  const { host } = asker;
  const statement = sha256(attestation).slice(0, 8);
  return {
    fields: FIELDS({ operator, host, name: relyingParty(host), attestation, statement, credentials, command }),
    by: signs.by,
    scripts: ['sign.js'],
  };
}

const ELSEWHERE: Template<{ operator: string; host: string; command: string }> = template(
  `<div class="banner warn">
<strong><%= it.operator %> signs at a terminal</strong>
<p>Nothing can be sent from here: <%= it.operator %> has a key of their own, and no passkey of <%= it.host %>.
<a href="/settings/passkey">Make one</a>, or type <code><%= it.command %></code></p>
</div>
`,
);

const FIELDS: Template<{
  operator: string;
  host: string;
  name: string;
  attestation: string;
  statement: string;
  credentials: string;
  command: string;
}> = template(
  `<div id="sign" data-name="<%= it.name %>" data-credentials="<%= it.credentials %>">
<input type="hidden" name="attestation" value="<%= it.attestation %>" autocomplete="off">
<input type="hidden" name="assertion" value="" autocomplete="off">
<p>As <%= it.operator %>, with the passkey of <%= it.host %>, within five minutes. Statement <code><%= it.statement %></code></p>
<noscript><p>A passkey is asked by a script, and scripts are off. Type instead, with a key file:
<code><%= it.command %></code></p></noscript>
<p class="problem" id="sign-problem" role="alert"></p>
</div>
`,
);
