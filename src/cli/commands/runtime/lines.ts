import path from 'node:path';
import type { StackStatus } from '../../../runtime/status.js';
import { tableLines, wrapped } from '../../kit/table.js';

/** The stack as a page for people. */
export function statusLines(status: StackStatus): string[] {
  return [
    `trading-ops ${status.versions.tradingOps} on Node ${status.versions.node}`,
    `data    ${status.dataDir}`,
    `config  ${status.configDir}`,
    `desk    ${status.desk ?? 'never started'}`,
    `Web UI  ${status.webUi ?? webUiElsewhere(status)}`,
    '',
    ...processLines(status),
  ];
}

function webUiElsewhere(status: StackStatus): string {
  const external = status.parts.some((part) => part.name === 'temporal' && part.external);
  return external ? 'the one of the Temporal service that the environment names' : 'never started';
}

/** One row a part, with its log below the data directory; what is wrong with it below. */
export function processLines({ dataDir, parts }: Pick<StackStatus, 'dataDir' | 'parts'>): string[] {
  const rows = parts.map((part) => [
    part.name,
    part.external ? `${part.state} (external)` : part.state,
    part.version ?? '-',
    part.address ?? '-',
    part.pid === null ? '-' : String(part.pid),
    part.log === null ? '-' : path.relative(dataDir, part.log),
  ]);
  const remarks = parts
    .filter((part) => part.detail && part.state !== 'running')
    .flatMap((part) => wrapped(`${part.name}: ${part.detail}`, { indent: '  ' }));
  return [
    ...tableLines(['part', 'state', 'version', 'address', 'pid', 'log'], rows, { box: 'never' }),
    ...(remarks.length > 0 ? ['', ...remarks] : []),
  ];
}
