import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { isNodeSupported, NODE_WANTED } from '../../src/runtime/versions.js';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const VERSIONS = [
  '18.20.8',
  '20.11.1',
  '20.18.3',
  '20.19.0',
  '20.20.2',
  '21.7.3',
  '22.11.0',
  '22.12.0',
  '22.23.3',
  '23.11.1',
  '24.0.0',
  '24.21.0',
  '25.0.0',
];

/** `^a.b.c || >=a.b.c`, as package.json has it. */
function satisfies(version: string, range: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return range.split(' || ').some((part) => {
    const [, sign, from = 0, least = 0] =
      /^(\^|>=)(\d+)\.(\d+)\.0$/.exec(part)?.map((text) => (/^\d+$/.test(text) ? Number(text) : text)) ?? [];
    return sign === '^'
      ? major === from && minor >= Number(least)
      : sign === '>=' && (major > Number(from) || (major === from && minor >= Number(least)));
  });
}

describe('the versions of Node that are supported', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };

  it('are the same for npm, for make and for the program', () => {
    const script = /node -e '(.*?)'/.exec(read('Makefile').split('.build/packages: package.json')[1] ?? '')?.[1] ?? '';
    const makeTakes = (node: string): boolean => {
      let code = -1;
      runInContext(
        script,
        createContext({ process: { versions: { node }, exit: (status: number) => (code = status) } }),
      );
      return code === 0;
    };
    const supported = VERSIONS.filter((version) => isNodeSupported(version));
    expect(supported).toEqual(['20.19.0', '20.20.2', '22.12.0', '22.23.3', '24.0.0', '24.21.0', '25.0.0']);
    expect(VERSIONS.filter((version) => satisfies(version, engines.node))).toEqual(supported);
    expect(VERSIONS.filter(makeTakes)).toEqual(supported);
    expect(read('Makefile')).toContain(`trading-ops needs ${NODE_WANTED} on PATH`);
  });

  it('are the same in package.json and its lock', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { engines?: unknown; dependencies?: unknown; devDependencies?: unknown }>;
    };
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, unknown>;
    expect(packages['']).toMatchObject({ engines, dependencies, devDependencies });
  });
});
