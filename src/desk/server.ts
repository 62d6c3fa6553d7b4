import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { parse } from 'node:querystring';
import type { Logger } from 'pino';
import { PERFORMANCE_TABLES } from '../contract/performance.js';
import { reach } from '../db/connect.js';
import { stoppedAccounts } from '../operations/guard/kill-switch-standing.js';
import { readAhead } from '../operations/ledger/read-ahead.js';
import { loadAssets, type Assets } from './assets.js';
import { fieldsBegun } from './begun.js';
import { claimsTold } from './claim-words.js';
import { routeDrafts } from './drafts.js';
import { routeEntry } from './entry.js';
import { failureMain, failureOf } from './failure.js';
import { FORMS } from './forms/all.js';
import { fieldsSent, type Typed } from './forms/form.js';
import { routeForms } from './forms/route.js';
import { routeSession } from './session-forms.js';
import { headersOf, judge } from './guard.js';
import { BODY_BYTES_MAX, FIELDS_MAX, RECEIVED_WITHIN_MS } from './limits.js';
import { lookOf, pageOf, versionText, type Look, type PageContent } from './look.js';
import { alertsCsv, alertsPage } from './pages/alerts.js';
import { askedPage } from './pages/asked.js';
import { auditCsv, auditPage, auditRecordPage } from './pages/audit.js';
import { backupsCsv, backupsPage } from './pages/backups.js';
import { bookPage } from './pages/book.js';
import { entryPage } from './pages/entry.js';
import { killSwitchPage } from './pages/kill-switch.js';
import { routePasskey } from './pages/passkey.js';
import { journalCsv, ledgerPage, positionsCsv } from './pages/ledger.js';
import { performancePage, performanceTable } from './pages/performance.js';
import { qualityPage } from './pages/quality.js';
import { runPage, runsCsv, runsPage } from './pages/runs.js';
import { schedulesPage } from './pages/schedules.js';
import { reconciliationPage } from './pages/reconciliation.js';
import { statementPage, statementsPage } from './pages/statements.js';
import { settingsPage } from './pages/settings.js';
import { barsCsv, symbolPage } from './pages/symbol.js';
import { fillsToComplete, ticketPage, ticketsCsv, ticketsPage } from './pages/tickets.js';
import { todayPage } from './pages/today.js';
import { fieldsOfMultipart } from './multipart.js';
import { fileTakenBy, passOver } from './uploads.js';
import { enterPath, pagesOf, type IsPage } from './next.js';
import type { Place } from './place.js';
import { routePreview } from './preview.js';
import { letIn, pulseIn } from './sessions.js';
import { sittingOf, type Sitting } from './sitting.js';
import { alone } from './view/frame.js';

/** No page of ours has a longer address. */
const PATH_MAX = 500;
const HTML = 'text/html; charset=utf-8';

/*
 * An account may be called like a page (`runs`): its pages are still its own, for the second part of a page of the
 * installation never reads like a page of an account: it is an id, a number or a symbol in capitals, and is only found
 * where it looks like one; no page of an account has a digit in its name.
 */
const ID = '(^[0-9A-Fa-f-]{8,36}$)';
const NUMBER = '(^[0-9]{1,15}$)';
const WORKFLOW = '(^.*[0-9].*$)';
const SYMBOL = '(^[A-Z][A-Z0-9.-]{0,14}$)';

/** What is looked at, by its address. */
export const PAGES: Record<string, (sitting: Sitting) => Promise<PageContent>> = {
  '/:account/today': todayPage,
  '/:account/tickets': ticketsPage,
  '/:account/tickets/:ticketId': ticketPage,
  '/:account/ledger': ledgerPage,
  [`/:account/ledger/:entryId${NUMBER}`]: entryPage,
  '/:account/performance': performancePage,
  '/:account/statements': statementsPage,
  '/:account/statements/:statementId': statementPage,
  '/:account/book': bookPage,
  '/:account/kill-switch': killSwitchPage,
  '/:account/reconciliations/:reconciliationId': reconciliationPage,
  '/runs': runsPage,
  [`/runs/:runId${ID}`]: runPage,
  [`/asked/:workflowId${WORKFLOW}`]: askedPage,
  '/alerts': alertsPage,
  '/quality': qualityPage,
  [`/quality/:symbol${SYMBOL}`]: symbolPage,
  '/backups': backupsPage,
  '/schedules': schedulesPage,
  '/settings': settingsPage,
  '/audit': auditPage,
  [`/audit/:seq${NUMBER}`]: auditRecordPage,
};
/** What is taken away as a file. */
const TABLES: Record<string, (look: Look) => Promise<string>> = {
  '/:account/ledger/positions.csv': positionsCsv,
  '/:account/ledger/journal.csv': journalCsv,
  ...Object.fromEntries(
    PERFORMANCE_TABLES.map((table) => [
      `/:account/performance/${table}.csv`,
      (look: Look) => performanceTable(look, table),
    ]),
  ),
  '/:account/tickets.csv': ticketsCsv,
  '/:account/tickets/:ticketId/fills.csv': (look) => fillsToComplete(look, 'csv'),
  '/:account/tickets/:ticketId/fills.json': (look) => fillsToComplete(look, 'json'),
  '/runs.csv': runsCsv,
  '/alerts.csv': alertsCsv,
  '/backups.csv': backupsCsv,
  '/audit.csv': auditCsv,
  [`/quality/:symbol${SYMBOL}/bars.csv`]: barsCsv,
};

/** What a body may say is read by the schemas of the contract: the compilers that Fastify brings need not be loaded. */
const noCompiler = () => (): never => {
  throw new Error('no route of the desk has a schema of Fastify');
};
const NO_SCHEMAS = { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } };

/**
 * The desk, ready to listen; once it does it reads ahead.
 * @param logger where faults are told
 * @param receivedWithin milliseconds within which a request has come whole; what has not is cut off soon after
 * @throws OpsError NOT_BUILT
 */
export async function createDesk(
  place: Place,
  logger?: Logger,
  receivedWithin = RECEIVED_WITHIN_MS,
): Promise<FastifyInstance> {
  const assets = loadAssets();
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    // By itself Fastify waits for a body, and looks after whoever says nothing, as long as they like.
    requestTimeout: receivedWithin,
    http: { headersTimeout: receivedWithin, connectionsCheckingInterval: receivedWithin / 12 },
    routerOptions: { maxParamLength: PATH_MAX },
    schemaController: NO_SCHEMAS,
    trustProxy: [...place.trustedProxies],
    rewriteUrl: ({ url = '/' }) => pathWithin(place, isReadable(url) ? url : '/%3F'),
  });
  await app.register(helmet, headersOf(place));
  await app.register(cookie);
  // Forms alone are read: whatever else a body is in has no limit of fields of ours.
  app.removeAllContentTypeParsers();
  await app.register(formbody, { bodyLimit: BODY_BYTES_MAX, parser: fields });
  app.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
    (request: FastifyRequest, body: Buffer) =>
      fieldsOfMultipart(body, request.headers['content-type'] ?? '', {
        fields: FIELDS_MAX,
        text: BODY_BYTES_MAX,
        file: fileTakenBy(request),
      }),
  );
  await app.register(rateLimit, { global: false });
  app.addHook('onRequest', async (request, reply) => refuseStranger(place, request, reply));
  app.addHook('onSend', async (_, reply, body) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    return belowBase(place, reply, body);
  });
  app.setErrorHandler(async (error, request, reply) => {
    const begun = await fieldsBegun(await passOver(request), request.headers['content-type'] ?? '');
    return tell(error, place, assets, reply, logger, begun);
  });
  app.addHook('onListen', () => {
    void readAhead(place).catch((error: unknown) =>
      logger?.debug({ error }, 'the ledgers are read when they are asked for'),
    );
  });
  app.setNotFoundHandler((_, reply) => tell({ statusCode: 404 }, place, assets, reply, logger));
  routeAlways(app, place, assets);
  const isPage = pagesOf([...Object.keys(PAGES), ...FORMS.map(({ path }) => path)]);
  routeEntry(app, place, assets, isPage);
  routePasskey(app, place, assets);
  routeSession(app, place);
  routeForms(app, place, assets, { forms: FORMS, isPage, logger });
  routePreview(app, place);
  routeDrafts(app, place);
  routePages(app, place, assets, isPage);
  return app;
}

/** The path of a page out of an address: where the desk stands below a path, that is none of anything else. */
function pathWithin({ exposure }: Place, url: string): string {
  const base = exposure?.base ?? '';
  if (base === '' || url === '/health') return url;
  if (url === base) return '/';
  return url.startsWith(`${base}/`) ? url.slice(base.length) : '/%3F';
}

/** Where a page says a way: what a browser follows or sends to, and what a script of ours asks. */
const WAYS = /(?<=\s(?:href|src|action|formaction|data-href|data-draft)=")\//g;

/**
 * Every way of a page and every redirect, below the path at which the desk stands. What comes from outside has no
 * quotes in a page, so that these attributes are our own.
 */
function belowBase({ exposure }: Place, reply: FastifyReply, body: unknown): unknown {
  const base = exposure?.base ?? '';
  const location = reply.getHeader('location');
  if (base === '') return body;
  if (typeof location === 'string' && location.startsWith('/')) reply.header('location', base + location);
  const isPage = typeof body === 'string' && String(reply.getHeader('content-type')).startsWith('text/html');
  return isPage ? body.replaceAll(WAYS, `${base}/`) : body;
}

/** The fields of a form. @throws an error of status 413 */
function fields(body: string): Record<string, unknown> {
  // A route that takes a file takes it as a file alone.
  if (body.length > BODY_BYTES_MAX || body.split('&', FIELDS_MAX + 1).length > FIELDS_MAX)
    throw Object.assign(new Error(`more than ${BODY_BYTES_MAX} bytes, or ${FIELDS_MAX} fields`), { statusCode: 413 });
  return { ...parse(body) };
}

/** The guard comes before everything: of whoever it refuses nothing more is read. */
function refuseStranger(place: Place, request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const { method, originalUrl: url, headers, raw } = request;
  const verdict = judge({ method, url, headers, rawHeaders: raw.rawHeaders }, place);
  if (verdict.pass) return undefined;
  if ('redirect' in verdict) return reply.redirect(verdict.redirect, 308);
  return reply.code(verdict.status).type('text/plain; charset=utf-8').send(`${verdict.why}\n`);
}

/** What the router itself turns away it answers before the guard, without the headers: it is the address of no page. */
function isReadable(url: string): boolean {
  const path = url.split('?', 1)[0] ?? '';
  try {
    return path.length <= PATH_MAX && decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}

/** @param begun what can be told of a body that was not taken */
function tell(
  thrown: unknown,
  place: Place,
  assets: Assets,
  reply: FastifyReply,
  logger?: Logger,
  begun: Typed = {},
): FastifyReply {
  const { method, url, body, routeOptions, server } = reply.request;
  const file = fileTakenBy(reply.request);
  const failure = failureOf(thrown, place, file);
  if (failure.status >= 500) logger?.error({ error: thrown, code: failure.code }, failure.message);
  // What was typed is in the page alone while the database is away: it is to be sent again from there. A file cannot be.
  const isKept = method === 'POST' && failure.status >= 500 && file === undefined;
  const isCut = Object.keys(begun).length > 0 && FORMS.some(({ path }) => path === routeOptions.url);
  const sent = isKept ? fieldsSent(body) : isCut ? begun : null;
  const asked = sent === null ? (method === 'GET' ? url : '') : { action: url, sent };
  const isLookedAt = method === 'GET' || server.hasRoute({ method: 'GET', url: routeOptions.url ?? '' });
  // Where a link leads in, whatever the page says: the next one is taken here too.
  const scripts = url.split('?', 1)[0] === '/enter' ? ['entry.js'] : [];
  return reply
    .code(failure.status)
    .type(HTML)
    .send(alone({ title: failure.code, main: failureMain(failure, asked, isLookedAt), scripts }, assets));
}

/** What is told to whoever asks: the files that pages are made of, and whether the desk is well. */
function routeAlways(app: FastifyInstance, place: Place, assets: Assets): void {
  for (const [path, { type, body }] of assets.files)
    app.get(path, (_, reply) =>
      reply.header('cache-control', 'public, max-age=31536000, immutable').type(type).send(body),
    );
  app.get('/health', async (_, reply) => {
    const up = await reach(place.db).then(
      () => true,
      () => false,
    );
    return reply.code(up ? 200 : 503).send({ up });
  });
  app.get('/favicon.ico', (_, reply) => reply.code(204).send());
}

/** What only somebody who was let in is told. */
function routePages(app: FastifyInstance, place: Place, assets: Assets, isPage: IsPage): void {
  for (const [path, page] of Object.entries(PAGES))
    app.get(path, async (request, reply) => {
      const who = await letIn(place, request);
      if (who === null) return reply.redirect(enterPath(isPage, request.url), 303);
      const look = await sittingOf(place, request, who);
      return reply.type(HTML).send(await pageOf(look, who, await page(look), assets));
    });
  for (const [path, table] of Object.entries(TABLES))
    app.get(path, async (request, reply) => {
      const who = await letIn(place, request);
      if (who === null) return reply.redirect('/enter', 303);
      const name = path.split('/').at(-1);
      // Before it is called a file: what is refused is a page to be read.
      const file = await table(await lookOf(place, request, who));
      return reply
        .type(path.endsWith('.json') ? 'application/json; charset=utf-8' : 'text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(file);
    });
  app.get('/', async (request, reply) => {
    const who = await letIn(place, request);
    if (who === null) return reply.redirect('/enter', 303);
    const { account } = await lookOf(place, request, who);
    return reply.redirect(`/${encodeURIComponent(account.account)}/today`, 303);
  });
  app.get('/pulse', async (request, reply) => {
    const pulse = await pulseIn(place, request);
    if (pulse === null) return reply.code(401).send({ session: 'over' });
    const { head, session } = pulse;
    const { secondsLeft } = session;
    const version = versionText(head);
    // The times go along also where nothing has changed: what counts down goes by them.
    reply.header('etag', `"${version}"`).header('server-now', place.now()).header('session-seconds', secondsLeft);
    if (request.headers['if-none-match'] === `"${version}"`) return reply.code(304).send();
    const [claims, stopped] = await Promise.all([claimsTold(place.db, head), stoppedAccounts(place, head)]);
    return { at: place.now(), version, secondsLeft, claims, stopped };
  });
}
