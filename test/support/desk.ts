import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { Knex } from 'knex';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { openMail } from '../../src/desk/mail.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk } from '../../src/desk/server.js';
import type { SealKey } from '../../src/domain/signing/seal.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { tokenOf } from '../../src/desk/sessions.js';
import { deskSealKey } from '../../src/runtime/signing/desk-key.js';
import { readInstallationKey } from '../../src/runtime/signing/installation-key.js';
import type { Installation } from './stack.js';

export const DESK_PORT = 8240;
export const DESK = `http://localhost:${DESK_PORT}`;
/** What a browser sends with a page of the desk that is opened, and with a form of it. */
export const LOOKS = { host: `localhost:${DESK_PORT}` };
export const SENDS = { ...LOOKS, origin: DESK, 'content-type': 'application/x-www-form-urlencoded' };

/** The key that seals what the desk of an installation keeps. */
export const sealsOf =
  ({ dataDir }: Pick<Installation, 'dataDir'>) =>
  (): SealKey =>
    deskSealKey(dataDir);

/** What a desk of an installation works on; its clock may be set. */
export const placeOf = (
  { settings, dataDir, configDir }: Installation,
  db: Knex,
  now = () => new Date().toISOString(),
): Place => ({
  db,
  databaseUrl: resolveAddresses(settings).databaseUrl,
  mail: openMail(settings, { dataDir, taskQueue: settings.taskQueue, isLocal: resolveAddresses(settings).local }),
  dataDir,
  configDir,
  now,
  sealKey: sealsOf({ dataDir }),
  port: DESK_PORT,
  exposure: null,
  trustedProxies: [],
  installation: readInstallationKey(dataDir)?.installation ?? '',
  dryRun: false,
});

/** A desk that listens nowhere, with the browser of somebody who was let in. */
export interface Seated {
  app: FastifyInstance;
  cookie: string;
  /** The token that forms of this session carry. */
  token: string;
  get(path: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  /** Sends a form of this session: to be checked where no step is said. */
  post(path: string, fields?: Record<string, string>): Promise<LightMyRequestResponse>;
}

/** Lets somebody in at a new desk by a new code. */
export async function sitDown(place: Place, { readOnly = false, operator = 'demo' } = {}): Promise<Seated> {
  const app = await createDesk(place);
  const { code } = await makeEntryCode(place, { operator, readOnly });
  const entered = await app.inject({ method: 'POST', url: '/enter', headers: SENDS, payload: `code=${code}` });
  const cookie = cookieOf(entered.headers['set-cookie']);
  const token = tokenOf(decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)));
  return {
    app,
    cookie,
    token,
    get: (path, headers = {}) => app.inject({ url: path, headers: { ...LOOKS, cookie, ...headers } }),
    post: (path, fields = {}) =>
      app.inject({
        method: 'POST',
        url: path,
        headers: { ...SENDS, cookie },
        payload: new URLSearchParams({ token, ...fields }).toString(),
      }),
  };
}

/** The cookie alone, as a browser sends it. */
export const cookieOf = (set: string | string[] | undefined): string => String(set).split(';')[0] ?? '';

/** What a page's form sends as it stands: its hidden fields, which of a review are all that was typed. */
export const fieldsOf = (body: string): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
      unescapedHtml(name),
      unescapedHtml(value),
    ]),
  );

/** Text as it stood before it was escaped into a page. */
export const unescapedHtml = (html: string): string =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
