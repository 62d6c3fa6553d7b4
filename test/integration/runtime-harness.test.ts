import { afterAll, expect, it } from 'vitest';
import { hasSpinnerRoom } from '../../src/cli/kit/steps.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { status } from '../../src/runtime/stack.js';
import { createTestDatabase } from '../support/database.js';
import { createInstallation, createPrivateStack } from '../support/stack.js';

const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

it('gives every test database the whole schema, and the application no right to change facts', async () => {
  const database = await createTestDatabase();
  cleanups.push(() => database.drop());
  const tables = await withClient(database.ownerUrl, (client) =>
    client.query("select 1 from pg_tables where schemaname = 'public'"),
  );
  expect(tables.rowCount).toBeGreaterThan(5);
  await expect(withClient(database.appUrl, (client) => client.query('delete from audit_log'))).rejects.toThrow(
    /permission denied/,
  );
});

it('wires an installation to the shared servers', async () => {
  const installation = await createInstallation();
  cleanups.push(() => installation.cleanup());
  const { parts, namespace } = await status(installation.settings);
  expect(parts.slice(0, 2)).toMatchObject([
    { name: 'postgres', state: 'running', external: true },
    { name: 'temporal', state: 'running', external: true },
  ]);
  expect(namespace).toMatch(/^test-/);
});

it('starts a private stack whose servers a test may kill and start again', async () => {
  const stack = await createPrivateStack();
  cleanups.push(() => stack.cleanup());
  const states = async () => (await status(stack.settings)).parts.slice(0, 2).map((part) => part.state);
  await Promise.all([stack.killPostgres('SIGKILL'), stack.killTemporal()]);
  expect(await states()).toEqual(['stopped', 'stopped']);
  await stack.restart();
  expect(await states()).toEqual(['running', 'running']);
});

it('shows no spinner where the terminal has no width: there it would erase lines for ever', () => {
  const terminal = (columns: number) => ({ isTTY: true, columns }) as NodeJS.WriteStream;
  expect([hasSpinnerRoom(terminal(0)), hasSpinnerRoom(terminal(80))]).toEqual([false, true]);
});
