import type { FastifyRequest } from 'fastify';
import { countOpenAlerts } from '../db/alerts.js';
import { auditHead, type AuditHead } from '../db/audit.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Account, Instant, UniverseRow } from '../domain/types.js';
import { killSwitchStands } from '../operations/guard/kill-switch-standing.js';
import { instantSeen } from '../operations/accounts/clock.js';
import { accountOfAll, placeMeant } from '../operations/accounts/meant.js';
import { configurationInForce } from '../operations/runs/configuration-in-force.js';
import { accountsOf } from '../operations/runs/configuration.js';
import type { Assets } from './assets.js';
import type { Place } from './place.js';
import type { Let } from './sessions.js';
import { framed } from './view/frame.js';

/** What a page looks at: the installation, an account of it, and what time it is there. */
export interface Look {
  place: Place;
  policy: Policy;
  universe: UniverseRow[];
  accounts: Account[];
  account: Account;
  at: Instant;
  params: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  /** What the address says more than once. */
  doubled: readonly string[];
}

/** What a page comes to. */
export interface PageContent {
  title: string;
  /** The page of the rail, by its path. */
  here: string | null;
  /** HTML, of templates and documents: whatever came from outside is escaped in it. */
  main: string;
  /** What is typed for the same. */
  command: string;
  /** Whether that is of what was checked last: fields beside it may say something else by now. */
  isCommandChecked?: boolean;
  /** Scripts of the page's own, by their names. */
  scripts?: readonly string[];
}

/** Somebody looks at a page: of the account in its path; where that names none, of `main`, or else the first. */
export async function lookOf(place: Place, request: FastifyRequest, { session }: Let): Promise<Look> {
  const { policy, universe } = await configurationInForce(place);
  const params = request.params as Look['params'];
  const { account } = placeMeant(
    policy,
    { account: params['account'] ?? accountOfAll(policy), at: undefined },
    place.now(),
  );
  return {
    place,
    policy,
    universe,
    accounts: accountsOf(policy),
    account,
    at: await instantSeen(place.db, account, { now: place.now(), said: session.rehearsedAt }),
    params,
    query: once(request.query as Record<string, unknown>),
    doubled: Object.entries(request.query as Record<string, unknown>).flatMap(([name, value]) =>
      Array.isArray(value) ? [name] : [],
    ),
  };
}

/** Of what is said twice the last word counts. */
const once = (query: Record<string, unknown>): Look['query'] =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, String(Array.isArray(value) ? value.at(-1) : value)]),
  );

/** What the state of the whole installation is told by: another one, and something has changed. */
export const versionText = (head: AuditHead | null): string => String(head?.seq ?? 0);

/** The content in the frame of all pages. */
export async function pageOf(
  look: Look,
  { session, token }: Let,
  content: PageContent,
  assets: Assets,
): Promise<string> {
  const { place, policy, account, accounts, at } = look;
  const [alerts, head, { engaged }] = await Promise.all([
    countOpenAlerts(place.db),
    auditHead(place.db),
    killSwitchStands(place, account.account),
  ]);
  return framed(
    {
      ...content,
      account: account.account,
      accounts: accounts.map((each) => each.account),
      mode: place.dryRun ? 'dry-run' : policy.trading.mode,
      at,
      simulated: account.clock === 'simulated',
      operator: session.operator,
      operators: session.entry === 'code' ? policy.operators : [],
      isProved: session.entry === 'passkey',
      readOnly: session.readOnly,
      token,
      version: versionText(head),
      openAlerts: alerts,
      isStopped: engaged,
    },
    assets,
  );
}
