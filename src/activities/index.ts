import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import type { Instant } from '../domain/types.js';
import type { Activities, Told } from '../contract/activities.js';
import type { Asker, Door } from '../contract/asker.js';
import type { ConfirmCommand, IssueInput, ReconcileCommand } from '../contract/day-messages.js';
import type { BeginRun } from '../contract/runs.js';
import type { Alert } from '../contract/alerts.js';
import { aboutWhatIsStored, raiseAlert } from '../operations/alerts/raise.js';
import { createArtifactActivities } from '../operations/files/render.js';
import { archiveHistory } from '../operations/day/archive-history.js';
import { closeDay } from '../operations/day/close.js';
import { confirm } from '../operations/day/confirm.js';
import { issueTicket } from '../operations/day/issue-ticket.js';
import { openDay } from '../operations/day/open.js';
import { openDayOfRun, promptTicket } from '../operations/day/prompt.js';
import { reconcile } from '../operations/day/reconcile.js';
import { createDeliveryActivities } from '../operations/alerts/deliver.js';
import { createIdleRunActivities } from '../operations/runs/idle.js';
import { createMarketActivities } from '../operations/market/fetch.js';
import { createPingActivities } from '../operations/alerts/ping.js';
import { assessRun } from '../operations/runs/assess.js';
import { beginRun } from '../operations/runs/begin.js';
import { concludeRun } from '../operations/runs/conclude.js';
import { loadRunContext } from '../operations/runs/context.js';
import { valueLedgers } from '../operations/ledger/value.js';
import { createWatchActivities } from '../operations/guard/watch.js';

export interface ActivityDependencies {
  db: Knex;
  client: Client;
  taskQueue: string;
  dataDir: string;
  configDir: string;
  /** Where providers find their keys, and sinks of alerts their secrets. */
  env: NodeJS.ProcessEnv;
  /** Told when an alert was stored, so that it goes out at once; without it the next look finds it. */
  onAlert?: () => void;
  /** The machine's clock: what counts on a real account. */
  now(): Instant;
}

/** Every activity of the worker, wired to its database, files and client. */
export function createActivities({
  db,
  client,
  taskQueue,
  dataDir,
  configDir,
  env,
  now,
  onAlert = () => undefined,
}: ActivityDependencies) {
  const market = createMarketActivities({ db, dataDir, env });
  const artifacts = createArtifactActivities({ db, dataDir });
  const installation = { db, dataDir, configDir, now };
  const prompter = { db, client, taskQueue, now };

  const askerOf = ({ operator, at, door }: { operator: string; at: Instant; door?: Door }): Asker => ({
    operator,
    door: door ?? 'direct',
    claimedAt: at,
  });

  /** Raises an alert once and writes its file. */
  async function raiseAndWrite(alert: Alert): Promise<void> {
    const { alertId, isNew } = await raiseAlert(db, await aboutWhatIsStored(db, alert));
    if (isNew) onAlert();
    // A full disk must not stop whoever raises: the look for what is not delivered writes the file, or says why not.
    await artifacts.renderAlert({ alertId }).catch(() => undefined);
  }

  return {
    beginRun: (input: BeginRun) => beginRun({ db, configDir, now }, input),
    assessQuality: (input: { runId: string }) => assessRun(db, input),
    ...artifacts,
    valueLedgers: (input: { runId: string; accounts: string[] }) => valueLedgers({ db }, input),
    ...createDeliveryActivities({
      db,
      configDir,
      env,
      client,
      taskQueue,
      renderAlert: artifacts.renderAlert,
      now: () => new Date(now()),
    }),
    ...createPingActivities({ db }),
    /** Fetches bars of these symbols as the run's pinned policy says. */
    async fetchPrices({ runId, symbols, full }: { runId: string; symbols: string[]; full: boolean }) {
      const { run, policy } = await loadRunContext(db, runId);
      return market.fetchPrices({ runId, tradingDay: run.tradingDay, asOfDate: run.asOfDate, symbols, policy, full });
    },
    /** Fetches the rate of one currency pair as the run's pinned policy says. */
    async fetchFx({ runId, pair }: { runId: string; pair: string }) {
      const { run, policy } = await loadRunContext(db, runId);
      return market.fetchFx({ runId, tradingDay: run.tradingDay, asOfDate: run.asOfDate, pair, policy });
    },
    raiseAlert: raiseAndWrite,
    ...createIdleRunActivities({ db, configDir, now, raiseAlert: raiseAndWrite, renderRun: artifacts.renderRun }),
    ...createWatchActivities({
      db,
      now,
      client,
      taskQueue,
      configDir,
      dataDir,
      raiseAlert: raiseAndWrite,
      renderRun: artifacts.renderRun,
    }),
    /** Opens the account's day as a workflow of its own, or leaves it as it is. */
    openTradingDay: (day: { account: string; runId: string }) => openDayOfRun(prompter, day),
    promptTicket: (day: { account: string; runId: string; dryRun: boolean }) => promptTicket(prompter, day),
    /** Records and judges a snapshot, and writes the report. */
    async reconcile({ operator, at, door, ...input }: Told<ReconcileCommand>) {
      const reply = await reconcile(installation, askerOf({ operator, at, door }), input);
      if (reply.reconciliationId !== null)
        await artifacts.renderReconciliation({ reconciliationId: reply.reconciliationId });
      return reply;
    },
    confirm: ({ operator, at, door, ...input }: Told<ConfirmCommand>) =>
      confirm(installation, askerOf({ operator, at, door }), input),
    /** Opens the day, or recalls where it stands, and writes its report. */
    async openDay(day: Parameters<Activities['openDay']>[0]) {
      const stored = await openDay({ db, configDir, now }, day);
      if (stored.openedAt !== null && stored.closedAt === null) await artifacts.renderDay(day);
      return stored;
    },
    /** Closes the day, writes its last report, and keeps its history. */
    async closeDay(day: Parameters<Activities['closeDay']>[0]) {
      const closed = await closeDay({ db, now }, day);
      await artifacts.renderDay(day);
      await archiveHistory({ client, dataDir }, day);
      return closed;
    },
    /** Issues the ticket; that of a TRADE is told at once. */
    async issueTicket(input: IssueInput) {
      const reply = await issueTicket({ db, now }, input);
      if (reply.issuedNow && reply.kind === 'TRADE') onAlert();
      return reply;
    },
    /** Records how the run ended and writes its summary. */
    async concludeRun(input: { runId: string }) {
      const result = await concludeRun(db, input);
      return { ...result, files: await artifacts.renderRun({ runId: input.runId }) };
    },
  } satisfies Activities;
}
