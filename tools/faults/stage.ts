import { Client, Connection } from '@temporalio/client';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { migrateToLatest } from '../../src/db/migrate.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { postgresProcess } from '../../src/runtime/postgres/server.js';
import { waitUntil } from '../../src/runtime/processes/processes.js';
import { databaseUrl, readRecord, type RuntimeRecord } from '../../src/runtime/record.js';
import { installationPaths, repositoryRoot } from '../../src/runtime/paths.js';
import type { Settings } from '../../src/runtime/settings.js';
import { down, up } from '../../src/runtime/stack.js';
import { QUICK_RECONNECT } from '../../src/runtime/temporal/connection.js';
import { temporalProcess } from '../../src/runtime/temporal/server.js';
import { persist } from '../../test/support/persist.js';
import { settleSequences } from '../../test/support/sequences.js';
import { startServers } from '../../test/support/servers.js';
import { createTestNamespace } from '../../test/support/temporal.js';
import { Disk } from './disk.js';
import { Link } from './link.js';

const TEMPLATE = 'faults_template';
const DISKS_MB = { database: 1500, files: 192 } as const;
const EXIT_MAX_MS = 20_000;
const QUIET = () => undefined;

export type Server = 'temporal' | 'postgres';

/** Postgres and Temporal of one job, its disks, and the lines to them that can be cut. Lives play on it one after another. */
export class Stage {
  private constructor(
    readonly home: string,
    readonly settings: Settings,
    readonly record: RuntimeRecord,
    readonly disks: Record<'database' | 'files', Disk>,
    readonly links: Record<Server, Link>,
    /** The simulator's own client, which no fault of a line touches. */
    readonly connection: Connection,
    /** Where another version of the code is built; null where none is. */
    readonly otherVersion: string | null,
  ) {}

  static async open(home: string, otherVersion: string | null): Promise<Stage> {
    mkdirSync(home, { recursive: true });
    chmodSync(home, 0o755);
    const disks = {
      database: await Disk.mount(join(home, 'servers'), DISKS_MB.database),
      files: await Disk.mount(join(home, 'files'), DISKS_MB.files),
    };
    const dataDir = join(disks.database.directory, 'data');
    const settings = await startServers(dataDir, join(repositoryRoot, 'config'));
    const record = readRecord(dataDir);
    if (!record) throw new Error(`${dataDir} has no record of its servers`);
    await withClient(databaseUrl(record, 'owner', 'postgres'), (client) => client.query(`create database ${TEMPLATE}`));
    await migrateToLatest(databaseUrl(record, 'owner', TEMPLATE));
    await withClient(databaseUrl(record, 'owner', TEMPLATE), settleSequences);
    const links = { temporal: await Link.to(record.temporal.port), postgres: await Link.to(record.postgres.port) };
    const connection = await Connection.connect({
      address: `127.0.0.1:${record.temporal.port}`,
      channelArgs: QUICK_RECONNECT,
    });
    return new Stage(home, settings, record, disks, links, connection, otherVersion);
  }

  clientOf = (namespace: string): Client => new Client({ connection: this.connection, namespace });

  /** A namespace of its own for a life. */
  async createNamespace(): Promise<string> {
    return (await persist(() => createTestNamespace(`127.0.0.1:${this.record.temporal.port}`))).namespace;
  }

  /** A migrated database of its own for a life. */
  async createDatabase(name: string): Promise<void> {
    await this.maintain(`create database ${name} template ${TEMPLATE}`);
  }

  async dropDatabase(name: string): Promise<void> {
    await this.maintain(`drop database if exists ${name} with (force)`);
  }

  /** Where a database is. @param through the line that may be cut; left out, straight to the server */
  urlOf(name: string, who: 'owner' | 'app', through?: Link): string {
    const url = new URL(databaseUrl(this.record, who, name));
    if (through) url.port = String(through.port);
    return url.href;
  }

  pidOf(server: Server): number | undefined {
    const paths = installationPaths(this.settings.dataDir);
    return (server === 'postgres' ? postgresProcess(paths) : temporalProcess(paths))?.pid;
  }

  /** Ends a server at once. */
  async kill(server: Server, signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
    const pid = this.pidOf(server);
    if (pid === undefined) return;
    process.kill(pid, signal);
    if (!(await waitUntil(() => this.pidOf(server) !== pid, EXIT_MAX_MS)))
      throw new Error(`${server} (pid ${pid}) did not end after ${signal}`);
  }

  /** Starts what does not run, on the same ports, and waits until the simulator's own client has found it. */
  async start(): Promise<void> {
    await up(this.settings, QUIET, { worker: false });
  }

  /** @param isQuiet whether nobody waits for an answer any more: a call that is tried again on a closed connection throws at nobody. */
  async close(isQuiet: boolean): Promise<void> {
    if (isQuiet) await this.connection.close();
    await Promise.all(Object.values(this.links).map((link) => link.close()));
    await down(this.settings, QUIET);
    await Promise.all(Object.values(this.disks).map((disk) => disk.unmount()));
  }

  private async maintain(statement: string): Promise<void> {
    const url = databaseUrl(this.record, 'owner', 'postgres');
    await persist(() => withClient(url, (client) => client.query(statement)));
  }
}
