import type { Command } from 'commander';
import { CHECKS } from '../../../doctor/checks.js';
import { examine } from '../../../doctor/examine.js';
import type { Finding } from '../../../doctor/finding.js';
import { openPatient } from '../../../doctor/patient.js';
import { EXIT } from '../../kit/exit.js';
import { loadSettings } from '../../../runtime/settings.js';
import { answer } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { withProgress } from '../../kit/progress.js';
import { tableLines, wrapped } from '../../kit/table.js';

/** Examines the installation and prints expected and found side by side, what needs a person last, with its remedy. */
export async function examineInstallation(command: Command): Promise<void> {
  await answer(command.optsWithGlobals<{ json?: boolean }>().json ?? false, async () => {
    const patient = openPatient(loadSettings());
    try {
      return report(await withProgress(`Making ${CHECKS.length} checks`, () => examine(patient, CHECKS)));
    } finally {
      await patient.close();
    }
  });
}

function report(findings: Finding[]): Answer {
  const failed = findings.filter(({ status }) => status === 'fail');
  const warned = findings.filter(({ status }) => status === 'warn');
  const first = failed[0] ?? warned.find(({ remedy }) => remedy !== null);
  const summary =
    failed.length > 0
      ? `${failed.length} of ${findings.length} checks need a person${warned.length > 0 ? `, ${warned.length} are worth knowing` : ''}.`
      : `All ${findings.length} checks are well${warned.length > 0 ? `; ${warned.length} are worth knowing` : ''}.`;
  return {
    exitCode: failed.length > 0 ? EXIT.refused : EXIT.done,
    data: { well: failed.length === 0, failed: failed.length, warned: warned.length, findings },
    lines: [
      ...tableLines(
        ['', 'check', 'expected', 'found'],
        findings.map(({ status, name, expected, found }) => [WORD[status], name, expected, shortened(found)]),
        { box: 'never' },
      ),
      ...remedyLines('Worth knowing', warned),
      ...remedyLines('Needs a person', failed),
      '',
      summary,
    ],
    next: first?.remedy ?? 'trading-ops status',
  };
}

const WORD = { ok: 'ok', warn: 'WARN', fail: 'FAIL' } as const;
const FOUND_MAX = 90;

const shortened = (text: string): string => (text.length > FOUND_MAX ? `${text.slice(0, FOUND_MAX - 1)}…` : text);

function remedyLines(title: string, findings: Finding[]): string[] {
  const told = findings.filter(({ remedy, found }) => remedy !== null || found.length > FOUND_MAX);
  return told.length === 0
    ? []
    : [
        '',
        `${title}:`,
        ...told.flatMap(({ name, found, remedy }) => [
          ...wrapped(`  ${name}: ${found}`, { indent: '    ' }),
          ...(remedy ? [`    -> ${remedy}`] : []),
        ]),
      ];
}
