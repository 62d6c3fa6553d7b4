import { describe, expect, it } from 'vitest';
import { literalOf, parseSource, sourcesOf, SRC, targetOf, type Source } from '../support/source.js';

/**
 * What is loaded before anything is asked: a package that costs tens of megabytes, or tenths of a second, is loaded by
 * whoever needs it when they do. Measured by themselves: Temporal's client 33 MB and 0.27 s of CPU, execa 17 MB and 0.1
 * s.
 */
const HEAVY =
  /^(@temporalio\/|@aws-sdk\/|@simplewebauthn\/|execa$|undici$|nodemailer$|age-encryption$|protobufjs|pg-copy-streams$)/;

const SOURCES = new Map(sourcesOf(SRC).map((source) => [source.file, source]));

/** The modules that a file loads with itself: not those that it loads when it runs, nor types. */
const loadedWith = ({ nodes }: Source): string[] =>
  nodes.flatMap((node) => {
    const isStatic = /^(ImportDeclaration|ExportNamedDeclaration|ExportAllDeclaration)$/.test(node.type);
    const isTypes = node['importKind'] === 'type' || node['exportKind'] === 'type';
    const specifier = isStatic && !isTypes ? literalOf(node['source']) : null;
    return specifier === null ? [] : [specifier];
  });

/** Heavy packages that come with an entry, each with the file that names it. */
function heavyOf(entry: string, sources: ReadonlyMap<string, Source> = SOURCES): string[] {
  const [found, seen, waiting]: [string[], Set<string>, string[]] = [[], new Set(), [entry]];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const source = sources.get(file);
    if (source === undefined || seen.has(file)) continue;
    seen.add(file);
    for (const specifier of loadedWith(source)) {
      const target = targetOf(file, specifier);
      if (target !== null) waiting.push(target);
      else if (HEAVY.test(specifier)) found.push(`${specifier} by ${file}`);
    }
  }
  return found.toSorted();
}

describe('what is heavy is loaded when it is needed', () => {
  it.each(['desk/main.ts', 'cli/main.ts', 'cli/kit/context.ts', 'cli/kit/temporal.ts', 'cli/commands/day/show.ts'])(
    '%s starts without it',
    (entry) => {
      expect(SOURCES.has(entry)).toBe(true);
      expect(heavyOf(entry)).toEqual([]);
    },
  );

  it('the check follows files, and sees a package however it is imported, but for its types and when it is needed', () => {
    const files = (texts: Record<string, string>) =>
      new Map(Object.entries(texts).map(([file, text]) => [file, parseSource(file, text)]));
    const by = (text: string) =>
      heavyOf('a.ts', files({ 'a.ts': `import './b/c.js';`, 'b/c.ts': `export * from '../d.js';`, 'd.ts': text }));
    for (const text of [`import { execa } from 'execa';`, `import 'execa';`, `export { execa } from 'execa';`])
      expect(by(text), text).toEqual(['execa by d.ts']);
    expect(by(`import { Client, type Connection } from '@temporalio/client';`)).toEqual(['@temporalio/client by d.ts']);
    for (const text of [`import type { Options } from 'execa';`, `const f = async () => import('execa');`])
      expect(by(text), text).toEqual([]);
  });
});
