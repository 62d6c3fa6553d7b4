import {
  alertPath,
  dailyReportPath,
  dataQualityPath,
  runSummaryPath,
  signalsPath,
  statementPath,
  ticketPath,
} from '../../reports/paths.js';
import type { Renderable } from '../../db/renderables.js';
import type { ArtifactKind } from '../../domain/policy/artifacts.js';

/** A rendered file, its path below the data directory, and how long files of its kind are kept. */
export interface RenderedFile {
  path: string;
  kind: ArtifactKind;
}

const FORMATS = ['md', 'json', 'html'] as const;

/** The files that rendering something writes: all of them can be written again from the database. */
export function filesOf(each: Renderable): RenderedFile[] {
  switch (each.kind) {
    case 'run':
      return [
        ...FORMATS.map((format) => ({ path: runSummaryPath(each.runId, format), kind: 'runs' as const })),
        ...(each.hasSignals ? [{ path: signalsPath(each.asOfDate), kind: 'signals' as const }] : []),
        ...(each.slot === '1400'
          ? []
          : [{ path: dataQualityPath(each.asOfDate, each.runId), kind: 'reports' as const }]),
      ];
    case 'ticket':
      return FORMATS.map((format) => ({ path: ticketPath(each.ticketId, format), kind: 'tickets' as const }));
    case 'reconciliation':
      return [{ path: each.reportPath, kind: 'reports' }];
    case 'alert':
      return [{ path: alertPath(each.alertId), kind: 'alerts' }];
    case 'statement':
      return FORMATS.map((format) => ({
        path: statementPath(each.account, each.comparisonId, format),
        kind: 'reports' as const,
      }));
    case 'day':
      return (['md', 'html'] as const).map((format) => ({
        path: dailyReportPath(each.account, each.tradingDay, format),
        kind: 'reports' as const,
      }));
  }
}
