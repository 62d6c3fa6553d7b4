import Table from 'cli-table3';
import type { PartStatus } from '../../../runtime/parts.js';
import type { StackStatus } from '../../../runtime/status.js';

/** The stack as a page for people. */
export function statusLines(status: StackStatus): string[] {
  return [
    `trading-ops ${status.versions.tradingOps} on Node ${status.versions.node}`,
    `data    ${status.dataDir}`,
    `config  ${status.configDir}`,
    `Web UI  ${status.webUi ?? webUiElsewhere(status)}`,
    '',
    ...processLines(status),
  ];
}

function webUiElsewhere(status: StackStatus): string {
  const external = status.parts.some((part) => part.name === 'temporal' && part.external);
  return external ? 'the one of the Temporal service that the environment names' : 'never started';
}

/** One row a part; what is wrong with it below. */
export function processLines(status: StackStatus): string[] {
  const table = new Table({
    head: ['part', 'state', 'version', 'address', 'pid', 'log'],
    style: { head: [], border: [], compact: true },
    chars: PLAIN,
  });
  table.push(...status.parts.map(row));
  const remarks = status.parts
    .filter((part) => part.detail && part.state !== 'running')
    .map((part) => `${part.name}: ${part.detail}`);
  return [
    ...table
      .toString()
      .split('\n')
      .map((line) => line.trimEnd()),
    ...(remarks.length > 0 ? ['', ...remarks] : []),
  ];
}

function row(part: PartStatus): string[] {
  const state = part.external ? `${part.state} (external)` : part.state;
  return [
    part.name,
    state,
    part.version ?? '-',
    part.address ?? '-',
    part.pid === null ? '-' : String(part.pid),
    part.log ?? '-',
  ];
}

/** No box: columns that can be read aloud and cut by other programs. */
export const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' ',
};
