import type { Client } from '@temporalio/client';
import knex, { type Knex } from 'knex';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Signer } from '../../src/contract/asker.js';
// oxlint-disable-next-line import/no-unassigned-import -- it says how dates and numerics are read
import '../../src/db/connect.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import type { Account, IsoDate } from '../../src/domain/types.js';
import { accountsOf, readConfiguration } from '../../src/operations/runs/configuration.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { loadSettings, type Settings } from '../../src/runtime/settings.js';
import { ensureInstallationKey } from '../../src/runtime/signing/installation-key.js';
import { handsOf, type Seat } from '../../src/simulation/hands.js';
import type { Hands } from '../../src/simulation/operator.js';
import { useMarketOf2014 } from '../../test/support/market-2014.js';
import { signerOf } from '../../test/support/signing.js';
import { cleanEnvironment } from '../../test/support/servers.js';
import { startWorkerProcess, type Installation, type WorkerProcess } from '../../test/support/stack.js';
import { Link } from './link.js';
import { listening, type Sent } from './messages.js';
import type { Line } from './kinds.js';
import { startOtherWorker } from './other-version.js';
import type { Life } from './plan.js';
import { Provider } from './provider.js';
import type { Stage } from './stage.js';

export const OPERATOR = 'ann';
const PROVIDER_KEY = 'a-key-that-nobody-may-read';
const RESTART_MS = 1_000;
const START_TRIES = 6;
/** Characters of a log that say why a worker ended. */
const LAST_WORDS = 2_000;

/** The installation of one life: database, namespace, data directory and configuration of its own, and its worker. */
export class House {
  private worker: WorkerProcess | null = null;
  private readonly others: WorkerProcess[] = [];
  /** The ends of workers that nobody had killed, each with its last words; each was started again, as systemd does. */
  readonly endings: string[] = [];
  private isOpen = true;
  /** Logs of workers that have ended. */
  private readonly logs: string[] = [];

  private constructor(
    readonly stage: Stage,
    readonly name: string,
    readonly installation: Installation,
    /** As the checks see it: straight to Postgres. */
    readonly db: Knex,
    readonly client: Client,
    readonly policy: Policy,
    readonly account: Account,
    readonly universe: readonly string[],
    readonly provider: Provider,
    private readonly toProvider: Link,
  ) {
    this.policyText = readFileSync(join(installation.configDir, 'policy.yml'), 'utf8');
  }

  static async open(stage: Stage, name: string, prices: Life['provider']): Promise<House> {
    const home = join(stage.disks.files.directory, name);
    const [dataDir, configDir] = [join(home, 'data'), join(home, 'config')];
    for (const directory of [join(dataDir, 'run'), join(dataDir, 'logs'), configDir])
      mkdirSync(directory, { recursive: true });
    cpSync(join(repositoryRoot, 'config'), configDir, { recursive: true });
    useMarketOf2014({ dataDir, configDir });
    if (prices === 'tiingo') askOverHttp(configDir);
    const provider = await Provider.open(join(dataDir, 'data', 'drop'));
    const toProvider = await Link.to(provider.port);
    await ensureInstallationKey(dataDir);
    const [namespace] = await Promise.all([stage.createNamespace(), stage.createDatabase(name)]);
    const own = {
      TRADING_OPS_DATA: dataDir,
      TRADING_OPS_CONFIG: configDir,
      TRADING_OPS_TASK_QUEUE: name,
      DATABASE_URL: stage.urlOf(name, 'app', stage.links.postgres),
      DATABASE_OWNER_URL: stage.urlOf(name, 'owner', stage.links.postgres),
      TEMPORAL_ADDRESS: `127.0.0.1:${stage.links.temporal.port}`,
      TEMPORAL_NAMESPACE: namespace,
      TRADING_OPS_TIINGO_URL: `http://127.0.0.1:${toProvider.port}/`,
      TIINGO_API_KEY: PROVIDER_KEY,
      TRADING_OPS_RETRY_WAIT_MS: '20,200',
      LOG_LEVEL: 'warn',
    };
    const installation: Installation = {
      settings: loadSettings(own),
      env: cleanEnvironment(own),
      dataDir,
      configDir,
      cleanup: () => Promise.resolve(),
    };
    const { policy, universe } = await readConfiguration(configDir);
    const [account] = accountsOf(policy);
    if (!account) throw new Error('the policy names no account');
    const db = patient(stage.urlOf(name, 'app'));
    const symbols = universe.map(({ internalSymbol }) => internalSymbol);
    return new House(
      stage,
      name,
      installation,
      db,
      stage.clientOf(namespace),
      policy,
      account,
      symbols,
      provider,
      toProvider,
    );
  }

  get settings(): Settings {
    return this.installation.settings;
  }

  /** The trading day that is under way. */
  today: IsoDate = '';
  /** The policy's file as it should be. */
  readonly policyText: string;

  /** Signs with the installation's key. */
  get signer(): Signer {
    return signerOf(this.settings.dataDir);
  }

  get links(): Record<Line, Link> {
    return { ...this.stage.links, provider: this.toProvider };
  }

  /** The operator's hands as `simulate` has them. @param before told of every message before it is sent */
  hands(before: (sent: Sent) => Promise<void>): Hands {
    const { dataDir, configDir, taskQueue } = this.settings;
    const seat: Seat = {
      installation: { db: this.db, dataDir, configDir, now: () => new Date().toISOString() },
      policy: this.policy,
      account: this.account,
      operator: OPERATOR,
      taskQueue,
      dryRun: false,
      sign: this.signer,
    };
    return handsOf(listening(this.client, before), seat);
  }

  get workerPid(): number | undefined {
    return this.worker?.pid;
  }

  async startWorker(): Promise<void> {
    this.isKept = false;
    this.starting ??= this.start().finally(() => (this.starting = null));
    await this.starting;
  }

  private starting: Promise<void> | null = null;
  /** Killed, and not to be started before it is wanted. */
  private isKept = false;

  /** A worker that cannot begin, for a server is busy or has gone again, is started again, as systemd does. */
  private async start(): Promise<void> {
    for (let tries = 1; !this.worker; tries++) {
      try {
        return await this.startOnce();
      } catch (error) {
        if (tries === START_TRIES || !this.isOpen) throw error;
        this.logs.push((error as Error).message);
        await pause(RESTART_MS);
      }
    }
  }

  private async startOnce(): Promise<void> {
    const worker = await startWorkerProcess(this.installation);
    this.worker = worker;
    void worker.exited.then((code) => {
      this.logs.push(worker.log());
      if (this.worker === worker) this.endedByItself(code, worker.log());
    });
  }

  /** Started again after a second, until it stays. */
  private endedByItself(code: number | null, log: string): void {
    this.worker = null;
    this.endings.push(`exit ${code}: ${log.slice(-LAST_WORDS)}`);
    this.logs.push(`The worker ended by itself (${code}).`);
    const again = async (): Promise<void> => {
      await pause(RESTART_MS);
      if (this.isOpen && !this.isKept) await this.startWorker().catch(again);
    };
    void again();
  }

  /** A worker of another version beside the first, until the end; nothing where no other version is at hand. */
  async startOther(): Promise<void> {
    const { otherVersion } = this.stage;
    if (otherVersion === null) return;
    this.others.push(await startOtherWorker(otherVersion, this.installation));
  }

  async killWorker(): Promise<void> {
    this.isKept = true;
    await this.starting?.catch(() => undefined);
    const worker = this.worker;
    this.worker = null;
    await worker?.kill();
  }

  /** Everything that its workers have said. */
  log = (): string => [...this.logs, this.worker?.log() ?? '', ...this.others.map((other) => other.log())].join('\n');

  /** What nobody may read anywhere. */
  get secrets(): string[] {
    const { superuserPassword, ownerPassword, appPassword } = this.stage.record.postgres;
    return [PROVIDER_KEY, superuserPassword, ownerPassword, appPassword];
  }

  async close(): Promise<void> {
    this.isOpen = false;
    await this.killWorker();
    await Promise.all(this.others.map((other) => other.kill()));
    await this.db.destroy();
    await this.toProvider.close();
    await this.provider.close();
    await this.stage.dropDatabase(this.name);
    // What a worker wrote last may come while its directory goes.
    rmSync(join(this.installation.dataDir, '..'), { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** Prices come over HTTP, from a provider that is asked twice at most and not for long. */
function askOverHttp(configDir: string): void {
  const file = join(configDir, 'policy.yml');
  const asked = 'provider: tiingo, timeout_seconds: 2, max_attempts: 2, requests_per_minute: 6000';
  writeFileSync(file, readFileSync(file, 'utf8').replace('provider: csv', asked));
}

/** A pool that waits: the checks read what is stored, however busy the machine is. Its types are read as by `connect`. */
const patient = (connectionString: string): Knex =>
  knex({
    client: 'pg',
    connection: { connectionString, application_name: 'faults', connectionTimeoutMillis: 60_000 },
    pool: { min: 0, max: 4, acquireTimeoutMillis: 120_000 },
    log: { warn: () => undefined },
  });
