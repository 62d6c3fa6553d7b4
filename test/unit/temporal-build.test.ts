import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { findProductionServer, pinnedVersion, requireProductionServer } from '../../src/runtime/temporal/binary.js';

/** A real build takes five minutes and is what CI begins with; here a `go` that only notes and writes stands for the compiler. */
const root = mkdtempSync(join(tmpdir(), 'trading-ops-build-'));
const path = process.env['PATH'] ?? '';
afterEach(() => {
  process.env['PATH'] = path;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function goThat(installs: string): string {
  const bin = mkdtempSync(join(root, 'bin-'));
  writeFileSync(
    join(bin, 'go'),
    `#!/bin/sh\nif [ "$1" = env ]; then echo go1.99.0; exit 0; fi\necho "$@" > ${bin}/asked\n${installs}\n`,
  );
  chmodSync(join(bin, 'go'), 0o755);
  process.env['PATH'] = `${bin}:/usr/bin:/bin`;
  return join(bin, 'asked');
}

describe("the build of Temporal's programs", () => {
  it('makes the command, the server of production and its schema tool at once, and the next time finds them', async () => {
    const env = { XDG_CACHE_HOME: mkdtempSync(join(root, 'cache-')) };
    const asked = goThat(
      'echo "go: downloading x v1" >&2; mkdir -p "$GOBIN"; for name in temporal server sql; do echo "$name" > "$GOBIN/$name"; done',
    );
    expect(findProductionServer(env)).toBeNull();
    const said: string[] = [];
    const { server, sql } = await requireProductionServer((line) => void said.push(line), env);
    expect([readFileSync(server, 'utf8'), readFileSync(sql, 'utf8')]).toEqual(['server\n', 'sql\n']);
    expect(readFileSync(asked, 'utf8')).toMatch(/^install .* tool$/m);
    const version = pinnedVersion('go.temporal.io/server');
    expect(readdirSync(join(env.XDG_CACHE_HOME, 'trading-ops', 'bin')).toSorted()).toEqual([
      `temporal-${pinnedVersion()}`,
      `temporal-server-${version}`,
      `temporal-sql-tool-${version}`,
    ]);
    process.env['PATH'] = '/nowhere';
    expect(await requireProductionServer(() => expect.unreachable('it builds again'), env)).toMatchObject({
      server,
      sql,
    });
  });

  it('that fails leaves nothing behind and says why', async () => {
    const env = { XDG_CACHE_HOME: mkdtempSync(join(root, 'cache-')) };
    goThat('echo "module not found" >&2; exit 1');
    await expect(requireProductionServer(() => undefined, env)).rejects.toMatchObject({
      code: 'TEMPORAL_BUILD_FAILED',
      message: expect.stringContaining('module not found'),
    });
    expect(findProductionServer(env)).toBeNull();
    expect(readdirSync(join(env.XDG_CACHE_HOME, 'trading-ops', 'bin'))).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`trading-ops-go-${process.pid}-`))).toEqual([]);
  });

  it('is not tried without Go: what to do is said', async () => {
    const env = { XDG_CACHE_HOME: mkdtempSync(join(root, 'cache-')) };
    mkdirSync(join(root, 'no-go'), { recursive: true });
    process.env['PATH'] = join(root, 'no-go');
    await expect(requireProductionServer(() => undefined, env)).rejects.toMatchObject({
      code: 'TEMPORAL_MISSING',
      remedy: expect.stringContaining('install Go'),
    });
  });
});
