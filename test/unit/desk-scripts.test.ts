import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { EVERYWHERE } from '../../src/desk/assets.js';
import { parseSource, SRC } from '../support/source.js';

it.each(EVERYWHERE)('%s, which comes in one file with others, names no module and is none', (name) => {
  const file = path.join(SRC, 'desk', 'browser', `${name}.ts`);
  const { nodes, imports } = parseSource(file, readFileSync(file, 'utf8'));
  expect(imports).toEqual([]);
  expect(nodes.filter(({ type }) => type.startsWith('Export')).map(({ start }) => start)).toEqual([]);
});
