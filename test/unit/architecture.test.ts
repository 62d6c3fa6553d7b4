import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The house keeps its arrows: cli, worker, doctor, simulation → operations → db, providers, reports, notify, backup →
 * contract → domain (docs/ARCHITECTURE.md). `types` may be imported as types only.
 */
const ROOMS: Record<string, { values: string[]; types?: string[] }> = {
  domain: { values: [] },
  contract: { values: ['domain'] },
  providers: { values: ['domain'] },
  db: { values: ['domain'], types: ['providers'] },
  reports: { values: ['domain', 'db'] },
  notify: { values: ['domain'] },
  runtime: { values: ['domain'] },
  backup: { values: ['domain', 'db', 'runtime'] },
  host: { values: ['domain', 'runtime'] },
  operations: { values: ['contract', 'domain', 'db', 'providers', 'reports', 'notify', 'backup'] },
  activities: { values: ['operations', 'contract', 'domain'] },
  workflows: { values: ['contract', 'domain'] },
  worker: { values: ['activities', 'operations', 'contract', 'db', 'domain', 'runtime'] },
  simulation: { values: ['operations', 'contract', 'db', 'providers', 'domain'] },
  doctor: { values: ['operations', 'contract', 'db', 'providers', 'domain', 'runtime', 'backup'] },
  cli: { values: ['operations', 'contract', 'db', 'domain', 'reports', 'runtime', 'host', 'simulation', 'backup', 'doctor'] },
};

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const IMPORT = /^(?:import|export)\s+(type\s+)?[^;'"]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

interface Arrow {
  from: string;
  to: string;
  file: string;
  typeOnly: boolean;
}

function files(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
}

function arrowsOf(file: string, text = readFileSync(path.join(SRC, file), 'utf8')): Arrow[] {
  return [...text.matchAll(IMPORT)].flatMap(([, type, fixed, lazy]) => {
    const specifier = (fixed ?? lazy) as string;
    if (!specifier.startsWith('.')) return [];
    const target = path.posix.join(path.posix.dirname(file), specifier);
    return [{ from: file.split('/')[0] as string, to: target.split('/')[0] as string, file: target, typeOnly: type !== undefined }];
  }).filter(({ from, to }) => from !== to);
}

function isAllowed({ from, to, typeOnly }: Arrow): boolean {
  const room = ROOMS[from];
  return room !== undefined && (room.values.includes(to) || (typeOnly && (room.types ?? []).includes(to)));
}

describe('imports point one way', () => {
  it.each(files())('%s', (file) => {
    const broken = arrowsOf(file).filter((arrow) => !isAllowed(arrow));
    expect(broken).toEqual([]);
  });

  it('the check sees an arrow that points back, also a lazy one', () => {
    const bad = `import { connect } from '../db/connect.js';\nconst x = await import('../cli/main.js');\nimport type { A } from '../domain/types.js';`;
    const arrows = arrowsOf('domain/x.ts', bad);
    expect(arrows.filter((arrow) => !isAllowed(arrow)).map(({ to }) => to)).toEqual(['db', 'cli']);
  });
});

describe('the domain does no I/O and knows no clock', () => {
  it.each(files().filter((file) => file.startsWith('domain/')))('%s', (file) => {
    const text = readFileSync(path.join(SRC, file), 'utf8');
    const builtins = [...text.matchAll(/from '(node:[^']+)'/g)].map(([, name]) => name).filter((name) => name !== 'node:crypto');
    expect(builtins).toEqual([]);
    expect(text).not.toMatch(/Date\.now\(|new Date\(\)|Math\.random\(|process\.|randomUUID/);
  });
});
