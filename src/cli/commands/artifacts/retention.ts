import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { listPast } from '../../../operations/files/list-past.js';
import { removePast } from '../../../operations/files/remove-past.js';
import type { PastFile, StrangeFile } from '../../../operations/files/retention.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { EXIT } from '../../kit/exit.js';
import { withContext } from '../../kit/context.js';
import { withProgress } from '../../kit/progress.js';

/** Says which rendered files are past their time, and removes them with --yes. */
export async function artifactsRetention(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { policy, at } = context;
    const { yes } = command.opts<{ yes?: boolean }>();
    const keep = policy.artifacts.keep_days;
    if (!yes) {
      const { past, strange } = await withProgress('Looking for files past their time', () =>
        listPast(installationOf(context), policy, at),
      );
      return {
        data: { removed: false, keepDays: keep, files: past, strange },
        lines: [
          past.length === 0 ? 'No rendered file is past its time.' : `${summary(past)} would go:`,
          ...byKind(past),
          ...strangeLines(strange),
        ],
        next: past.length === 0 ? 'trading-ops status' : 'make artifacts-retention -- --yes',
      };
    }
    const asker = askerOf(context);
    const { removed, refused, strange } = resultOrThrow(
      await withProgress('Removing files past their time', () =>
        removePast(installationOf(context), asker, { account: context.account.account }),
      ),
    );
    const left = [...strange, ...refused];
    return {
      data: { removed: true, keepDays: keep, files: removed, strange: left },
      lines: [
        removed.length === 0 ? 'No rendered file was removed.' : `${summary(removed)} removed:`,
        ...byKind(removed),
        ...strangeLines(left),
      ],
      next:
        removed.length === 0 ? 'trading-ops status' : 'when you need one again: trading-ops render <kind> <id or date>',
      ...(refused.length > 0 && { exitCode: EXIT.refused }),
    };
  });
}

const summary = (files: PastFile[]): string =>
  `${files.length} rendered ${files.length === 1 ? 'file' : 'files'} (${megabytes(files)} MB), ${files[0]?.tradingDay} to ${files.at(-1)?.tradingDay},`;

const megabytes = (files: PastFile[]): string =>
  (files.reduce((sum, { bytes }) => sum + bytes, 0) / 1024 / 1024).toFixed(1);

function byKind(files: PastFile[]): string[] {
  const kinds = [...new Set(files.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const some = files.filter((file) => file.kind === kind);
    return `  ${kind.padEnd(8)} ${String(some.length).padStart(6)} files  ${megabytes(some).padStart(8)} MB`;
  });
}

const strangeLines = (strange: StrangeFile[]): string[] =>
  strange.map(({ path, why }) => `  left alone: ${path}: ${why}`);
