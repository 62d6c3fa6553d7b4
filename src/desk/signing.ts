import { randomBytes } from 'node:crypto';
import type { Asker, Signer } from '../contract/asker.js';
import type { Act } from '../domain/signing/attestation.js';
import type { PasskeyAsker } from '../operations/signing/ask-passkey.js';
import { askToSign, signedByPasskey, type ToBeSigned } from '../operations/signing/sign-by-passkey.js';
import { credentialsOf, signsBy } from '../operations/signing/signs-by.js';
import { statedIn, statedUnder } from '../operations/signing/stated.js';
import { installationSigningKey } from '../runtime/signing/installation-key.js';
import { signAct } from '../runtime/signing/sign.js';
import { hostOf } from './guard.js';
import type { Place } from './place.js';
import type { Let } from './sessions.js';
import { template, type Template } from './view/frame.js';

/** Whose passkey is asked, in which session. */
export const passkeyAsker = (place: Place, { id }: Pick<Let, 'id'>, operator: string): PasskeyAsker => ({
  operator,
  sessionId: id,
  host: hostOf(place),
});

/** The fields that a review page carries for a passkey: nobody typed them. */
export const SIGNING_FIELDS = ['attestation', 'assertion'] as const;

/** What was typed, without what the page of a review carries to be signed. */
export const withoutSigning = (sent: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(sent).filter(([name]) => !(SIGNING_FIELDS as readonly string[]).includes(name)));

/**
 * Signs what a form sends: with the passkey of whoever has a key of their own, whose answer came with the form, else
 * with the installation's key.
 * @param sent body: of the form, with the fields of `toSign` where a passkey signs; once: what its review is known by,
 *   with which the installation's key makes one statement however often it is sent.
 * @throws OpsError from the signer: as `signedByPasskey`, and SIGNING_KEY_MISSING
 */
export const signerFor =
  (place: Place, who: Pick<Let, 'id'>, { body, once }: { body: unknown; once?: string | undefined }): Signer =>
  async (operator, act) => {
    const asker = passkeyAsker(place, who, operator);
    if ((await signsBy(place, asker)).by === 'installation') {
      const by = { kind: 'installation', installation: place.installation, operator } as const;
      const key = installationSigningKey(place.dataDir);
      if (!isOnce(once)) return signAct(key, by, act);
      return signAct(key, by, act, (await statedUnder(place, once))?.signed.attestation.at, once);
    }
    const sent = (name: string) => String((body as Record<string, unknown> | null | undefined)?.[name] ?? '');
    return signedByPasskey(place, asker, act, { attestation: sent('attestation'), assertion: sent('assertion') });
  };

/** What a review is known by, made anew with each. */
export const newOnce = (): string => randomBytes(16).toString('hex');
const isOnce = (text: string | undefined): text is string => text !== undefined && /^[\da-f]{32}$/.test(text);

/**
 * The facts that a review led to before, by their ids; null where it led to none.
 * @param sent the fields of its form
 */
export async function askedBefore(
  place: Pick<Place, 'db'>,
  { once, attestation }: Readonly<Record<string, string>>,
): Promise<readonly string[] | null> {
  const stated = isOnce(once) ? await statedUnder(place, once) : null;
  return (stated ?? (await statedIn(place, attestation ?? '')))?.ids ?? null;
}

/** What somebody would sign. */
export interface WouldSign {
  operator: string;
  act: Act;
}

/**
 * Goes about something up to where it is signed, and no further: whatever signs does nothing before it is signed.
 * @returns what would be signed; null where it came to its end without, for it was done before.
 * @throws OpsError what the operation refuses
 */
export async function wouldSign(asker: Asker, work: (asker: Asker) => Promise<unknown>): Promise<WouldSign | null> {
  let found: WouldSign | null = null;
  const sign: Signer = (operator, act) => {
    found = { operator, act };
    return Promise.reject(new Error('it is only reviewed'));
  };
  try {
    await work({ ...asker, sign });
  } catch (error) {
    if (found === null) throw error;
  }
  return found;
}

/** What a review page carries so that what it shows can be signed. */
export interface ToSign {
  /** HTML within the form: the statement and the place for the passkey's answer, or what signs instead. */
  fields: string;
  /** The form of a passkey waits for its script; one that is signed elsewhere has nothing to be sent by. */
  by: 'sending' | 'passkey' | 'elsewhere';
  scripts: readonly string[];
}

/** Nothing more than to send it: the installation signs, or nobody need. */
export const BY_SENDING: ToSign = { fields: '', by: 'sending', scripts: [] };

/**
 * What a review page carries for whoever signs it. Of a passkey that is a statement to be answered within five minutes.
 * @param what work: goes about what is reviewed, as it will be when it is sent; command: what is typed for the same.
 * @throws OpsError what the operation refuses
 */
export async function toSign(
  place: Place,
  who: Pick<Let, 'id'>,
  { asker, work, command }: { asker: Asker; work(asker: Asker): Promise<unknown>; command: string },
): Promise<ToSign> {
  const { operator } = asker;
  const asked = passkeyAsker(place, who, operator);
  const { host } = asked;
  const signs = await signsBy(place, asked);
  if (signs.by === 'installation') return BY_SENDING;
  if (signs.by === 'elsewhere') return { fields: ELSEWHERE({ operator, host, command }), by: signs.by, scripts: [] };
  const would = await wouldSign(asker, work);
  if (would === null) return BY_SENDING;
  const toBeSigned = await askToSign(place, asked, would.act);
  const credentials = (await credentialsOf(place, signs.keys)).join(' ');
  const fields = FIELDS({ ...toBeSigned, operator, host, credentials, command });
  return { fields, by: signs.by, scripts: ['sign.js'] };
}

const ELSEWHERE: Template<{ operator: string; host: string; command: string }> = template(
  `<div class="banner warn">
<strong><%= it.operator %> signs at a terminal</strong>
<p>Nothing can be sent from here: <%= it.operator %> has a key of their own, and no passkey of <%= it.host %>.
<a href="/settings/passkey">Make one</a>, or type <code><%= it.command %></code></p>
</div>
`,
);

const FIELDS: Template<ToBeSigned & { operator: string; host: string; credentials: string; command: string }> =
  template(
    `<div id="sign" data-name="<%= it.name %>" data-credentials="<%= it.credentials %>">
<input type="hidden" name="attestation" value="<%= it.attestation %>" autocomplete="off">
<input type="hidden" name="assertion" value="" autocomplete="off">
<p>It is signed with the passkey of <%= it.operator %> at <%= it.host %>, within five minutes.
Statement <code><%= it.fingerprint %></code></p>
<noscript><p>A passkey is asked by a script, and scripts are off. With a key file it is typed at a terminal:
<code><%= it.command %></code></p></noscript>
<p class="problem" id="sign-problem" role="alert"></p>
</div>
`,
  );
