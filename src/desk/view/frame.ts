import { Eta } from 'eta';
import { escapeHtml } from '../../reports/render/escape.js';
import { bothClocks, ukStamp } from '../../reports/render/format.js';
import type { Assets } from '../assets.js';
import type { Instant } from '../../domain/types.js';

/** Templates of the desk: what a template prints is escaped, but for the parts that were rendered before. */
const eta = new Eta({ autoEscape: true, autoTrim: false, escapeFunction: (value) => escapeHtml(String(value)) });

/** A template with what it is filled with. */
export type Template<It extends object> = (it: It) => string;

/** A template of ours by its text, which is compiled once. */
export function template(text: string): Template<object> {
  const compiled = eta.compile(text);
  return (it) => eta.render(compiled, it);
}

/** A page of somebody who was let in. */
export interface FramedPage {
  title: string;
  /** The page among those of the rail, by its path; null for one below them. */
  here: string | null;
  /** The account that is looked at, and all there are. */
  account: string;
  accounts: readonly string[];
  mode: 'off' | 'dry-run' | 'live';
  /** What time it is for the account; where its clock is simulated that is said. */
  at: Instant;
  simulated: boolean;
  /** The name that is claimed, or proved by a passkey; null for none. */
  operator: string | null;
  isProved: boolean;
  /** Those that the policy has. */
  operators: readonly string[];
  readOnly: boolean;
  /** The token that a form of this session carries. */
  token: string;
  /** What the page shows the state of: another one is told by the pulse. */
  version: string;
  openAlerts: number | null;
  /** Whether the kill switch of the account is engaged. */
  isStopped: boolean;
  main: string;
  /** What is typed for the same. */
  command: string;
  /** Whether that is of what was checked last. */
  isCommandChecked?: boolean;
  /** Scripts of the page's own, by their names. */
  scripts?: readonly string[];
}

/** Those of every page. */
const SCRIPTS = ['desk.js'];

const MODES = { off: 'OFF', 'dry-run': 'DRY RUN', live: 'LIVE' } as const;

/** A page of the rail, and the letter that leads there after a `g`. */
type RailEntry = [path: string, name: string, key?: string];

/** The pages of the rail; those of an account begin with its name. */
const railOf = (account: string, alerts: number | null): RailEntry[] => [
  [`/${account}/today`, 'Today', 't'],
  [`/${account}/reconcile`, 'Reconcile', 'r'],
  [`/${account}/tickets`, 'Tickets'],
  [`/${account}/ledger`, 'Ledger'],
  [`/${account}/performance`, 'Performance'],
  [`/${account}/statements`, 'Statements'],
  ['/quality', 'Quality'],
  ['/runs', 'Runs'],
  ['/alerts', alerts ? `Alerts (${alerts} open)` : 'Alerts'],
  ['/backups', 'Backups'],
  ['/schedules', 'Schedules'],
  ['/settings', 'Settings'],
  ['/audit', 'Audit'],
];

const HEAD = `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title><%= it.title %> · trading-ops</title>
<link rel="stylesheet" href="<%= it.style %>">
<% for (const path of it.paths) { -%>
<script type="module" src="<%= path %>"></script>
<% } -%>
</head>
`;

const FRAME: Template<
  FramedPage & {
    style: string;
    paths: string[];
    rail: RailEntry[];
    modeText: string;
    clocks: string;
    rehearsal: string;
    who: string;
  }
> = template(
  `${HEAD}<body data-version="<%= it.version %>" data-href="/pulse"
<% if (!it.simulated) { %> data-now="<%= it.at %>"<% } %>>
<a class="to-main" href="#main">To the page</a>
<header class="bar">
<a class="home" href="/<%= encodeURIComponent(it.account) %>/today">trading-ops</a>
<p class="mine"><span class="mode <%= it.mode %>"><%= it.modeText %></span></p>
<% if (it.accounts.length > 1) { -%>
<nav aria-label="Accounts" class="mine">
<% for (const name of it.accounts) { -%>
<a href="/<%= encodeURIComponent(name) %>/today"
<% if (name === it.account) { %> aria-current="true"<% } %>><%= name %></a>
<% } -%>
</nav>
<% } else { -%>
<p class="mine"><%= it.account %></p>
<% } -%>
<p class="clock"><%= it.clocks %></p>
<p><a class="to-pages" href="#pages">Pages</a></p>
<% if (it.isStopped) { -%>
<p><a class="stop stopped" href="/<%= encodeURIComponent(it.account) %>/kill-switch">Trading is stopped</a></p>
<% } else if (!it.readOnly) { -%>
<p><a class="stop" href="/<%= encodeURIComponent(it.account) %>/kill-switch/engage">Stop trading</a></p>
<% } -%>
<% if (it.operators.length > 1 && !it.readOnly) { -%>
<form method="post" action="/<%= encodeURIComponent(it.account) %>/name" class="inline">
<input type="hidden" name="token" value="<%= it.token %>">
<label for="bar-name">You are</label>
<select id="bar-name" name="operator">
<% if (it.operator === null) { -%>
<option value="">choose a name</option>
<% } -%>
<% for (const name of it.operators) { -%>
<option<% if (name === it.operator) { %> selected<% } %>><%= name %></option>
<% } -%>
</select> <button class="quiet">Say so</button> <a href="/settings/passkey">Passkey</a>
</form>
<% } else { -%>
<p><a href="/settings/passkey"><%= it.who %></a></p>
<% } -%>
<form method="post" action="/leave" class="out">
<input type="hidden" name="token" value="<%= it.token %>"><button class="quiet">Sign out</button>
</form>
<% if (it.simulated) { -%>
<form method="post" action="/<%= encodeURIComponent(it.account) %>/clock" class="inline rehearsal">
<input type="hidden" name="token" value="<%= it.token %>">
<label for="bar-clock">REHEARSAL CLOCK, UK</label>
<input id="bar-clock" name="clock" type="text" size="16" value="<%= it.rehearsal %>" autocomplete="off">
<button class="quiet">Set</button>
</form>
<% } -%>
<p class="band" id="changed" role="status" data-of="<%= it.account %>" data-changed="Something has changed since."
 data-stopped="Trading was stopped: place nothing more." hidden>Something has changed since. <a href="">Show it</a></p>
<p class="band" id="session" role="status" hidden></p>
</header>
<div class="columns">
<nav id="pages" aria-label="Pages"><ul>
<% for (const [path, name, key] of it.rail) { -%>
<li><a href="<%= path %>"<% if (key) { %> data-key="<%= key %>"<% } -%>
<% if (path === it.here) { %> aria-current="page"<% } %>><%= name %></a></li>
<% } -%>
</ul></nav>
<main id="main">
<%~ it.main -%>
<p class="same">The same at a terminal<% if (it.isCommandChecked) { -%>
<span data-part="checked">, as it was checked last</span><% } -%>
: <code data-part="command">
<% for (const word of it.command.split(' ')) { %> <span><%= word %></span><% } %></code></p>
</main>
</div>
</body>
</html>
`,
);

const nameOf = ({ operator, isProved }: FramedPage): string =>
  operator === null ? 'no name' : `${operator}${isProved ? '' : ' (claimed)'}`;

/** The whole page of somebody who was let in. */
export const framed = (page: FramedPage, assets: Assets): string =>
  FRAME({
    ...page,
    style: assets.pathOf('desk.css'),
    paths: [...SCRIPTS, ...(page.scripts ?? [])].map(assets.pathOf),
    rail: railOf(encodeURIComponent(page.account), page.openAlerts),
    modeText: MODES[page.mode],
    clocks: bothClocks(page.at),
    rehearsal: ukStamp(page.at),
    who: nameOf(page) + (page.readOnly ? ', reads only' : ''),
  });

const ALONE: Template<{
  title: string;
  style: string;
  paths: string[];
  main: string;
}> = template(
  `${HEAD}<body class="alone">
<main id="main">
<%~ it.main -%>
</main>
</body>
</html>
`,
);

/** A page that stands alone: before somebody is let in, and where the database is away. */
export const alone = (
  { title, main, scripts = [] }: { title: string; main: string; scripts?: readonly string[] },
  assets: Assets,
): string => ALONE({ title, main, style: assets.pathOf('desk.css'), paths: scripts.map(assets.pathOf) });
