import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ALERT_CODES } from '../../src/domain/alerts/codes.js';
import { qualityCodes } from '../../src/domain/market/assess.js';
import { repositoryRoot } from '../../src/runtime/paths.js';

/** Files of src with their text; the entries of the catalogue of codes are left out, for they say nothing by themselves. */
export const PROGRAM: ReadonlyMap<string, string> = new Map(
  readdirSync(path.join(repositoryRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => file.endsWith('.ts') && (!file.startsWith('reports/catalogue/') || file.endsWith('/catalogue.ts')),
    )
    .map((file) => [file, readFileSync(path.join(repositoryRoot, 'src', file), 'utf8')]),
);

/** How the source says a code: constructors of errors and refusals, reasons of gates, codes in data and in types. */
const SAID = [
  /\b(?:refusal|usageError|faultError|unreachableError|refused|refuse|reason|FetchError)\(\s*'([A-Z][A-Z0-9_]+)'/g,
  /\bnew OpsError\(\s*(?:'[a-z]+'|[\w.]+),\s*'([A-Z][A-Z0-9_]+)'/g,
  /\bnonRetryable\([^;]*?'([A-Z][A-Z_]+)'\)/g,
  /^\s*process\.stderr\.write\(`([A-Z][A-Z_]+): /gm,
];
const LISTS = [/\b(?:code|Code)\b\??(?::| =) ?((?:\s*\|?\s*'[A-Z][A-Z0-9_]+')+)/g];

/** Findings of a fetch that no gate says by these names, and codes of the operating system. */
const NOT_SAID = new Set(['CLOSED_DAY_BAR', 'ACTION_RESTATED', 'FILE_PASSED_OVER', 'ENOTDIR', 'ETIMEDOUT']);

/** Every code that the program can say, with the first file that says it. */
export function codesSaid(program: ReadonlyMap<string, string> = PROGRAM): Map<string, string> {
  const found: [string, string][] = [...program].flatMap(([file, text]) => [
    ...SAID.flatMap((pattern) =>
      [...text.matchAll(pattern)].map(([, code]) => [code as string, file] as [string, string]),
    ),
    ...LISTS.flatMap((pattern) => [...text.matchAll(pattern)]).flatMap(([, list = '']) =>
      [...list.matchAll(/'([A-Z0-9_]+)'/g)].map(([, code]) => [code as string, file] as [string, string]),
    ),
  ]);
  const failures = /type FailureCode =([^;]+);/.exec(program.get('providers/provider.ts') ?? '')?.[1] ?? '';
  const listed = [
    ...Object.keys(ALERT_CODES).map((code) => [code, 'domain/alerts/codes.ts'] as const),
    ...qualityCodes.map((code) => [code, 'domain/market/assess.ts'] as const),
    ...[...failures.matchAll(/'([A-Z0-9_]+)'/g)].map(([, code]) => [code as string, 'providers/provider.ts'] as const),
  ];
  return new Map([...found, ...listed].filter(([code]) => !NOT_SAID.has(code)).toReversed());
}
