import type { QualityFacts } from './facts.js';
import {
  banner,
  code,
  facts,
  paragraph,
  rich,
  section,
  table,
  toned,
  verdict,
  type Block,
  type Document,
} from '../render/document.js';
import { counted, ukTime, weekday } from '../render/format.js';
import { leftOut, renderAgain } from '../render/parts.js';
import { remedyOf } from '../catalogue/catalogue.js';
import { heldForReview } from '../run/page.js';
import type { Reason } from '../../domain/types.js';

/** The data-quality report of a run. */
export function qualityDocument(input: QualityFacts): Document {
  const { run, gates } = input;
  const gate = gates.find((each) => each.gate === 'data_quality');
  return {
    title: `Data quality, close of ${run.asOfDate}`,
    subtitle: `For ${weekday(run.tradingDay)} ${run.tradingDay}, run ${run.runId} at ${ukTime(run.at)}.`,
    stamp: null,
    blocks: [
      gate === undefined
        ? banner('plain', 'NOT ASSESSED', 'This run did not evaluate the data-quality gate.')
        : banner(
            gate.status === 'PASS' ? 'good' : 'bad',
            `DATA_QUALITY_${gate.status}`,
            gate.status === 'PASS'
              ? gate.exclusions
                ? `Sound without ${symbolsOf(gate.exclusions).join(', ')}, left out.`
                : 'Prices, rates and actions are complete and sound.'
              : `${counted(gate.reasons.length, 'finding')} must be put right before any TRADE.`,
          ),
      ...(gate && gate.reasons.length > 0
        ? [
            section('Findings', [
              table(
                ['Code', 'Subject', 'What was found', 'What would change it'],
                gate.reasons.map((reason) => [
                  toned('bad', reason.code),
                  reason.subject ?? 'the day',
                  reason.message,
                  rich(remedyOf(reason)),
                ]),
              ),
            ]),
          ]
        : []),
      ...leftOut(gates),
      ...heldForReview(input),
      ...(gate && Object.keys(gate.evidence).length > 0
        ? [section('What was looked at', [facts(lookedAt(gate.evidence))])]
        : []),
      ...fetchBlocks(input),
    ],
    footer: renderAgain(`trading-ops render quality ${run.runId}`),
  };
}

/** What the gate looked at, by the names of its evidence: in this order, and then whatever else there is. */
const LOOKED_AT: Readonly<Record<string, string>> = {
  asOfDate: 'Close of',
  lookbackFrom: 'Looked back to',
  provider: 'Provider',
  basis: 'Prices adjusted for',
  enabled: 'Stocks enabled',
  covered: 'Stocks with sound prices',
  coverage: 'Coverage',
  held: 'Symbols held',
  benchmarks: 'Benchmarks',
  absent: 'Not delivered',
  excluded: 'Left out',
  holds: 'Waiting for a ruling',
  secondSource: 'Second source',
  fxPair: 'Currency pair',
  fxDate: 'Rate of',
  fxRate: 'Rate',
  fxSource: 'Source of the rate',
  fxMore: 'Other rates',
};

function lookedAt(evidence: Readonly<Record<string, unknown>>): [string, string][] {
  const names = [...new Set([...Object.keys(LOOKED_AT), ...Object.keys(evidence)])];
  return names.flatMap((name): [string, string][] => {
    const value = evidence[name];
    if (value === undefined) return [];
    return [[LOOKED_AT[name] ?? name, value === null ? 'none' : String(value)]];
  });
}

const symbolsOf = (exclusions: Reason[]): string[] => [...new Set(exclusions.map(({ subject }) => subject ?? ''))];

function fetchBlocks({ fetches, run }: QualityFacts): Block[] {
  if (fetches.length === 0) return [section('Fetches', [paragraph(['Run ', code(run.runId), ' fetched nothing.'])])];
  const findings = fetches.flatMap((fetch) => fetch.findings.map((finding) => ({ symbol: fetch.symbol, ...finding })));
  return [
    section('Fetches', [
      table(
        ['Symbol', 'Kind', 'Provider', 'Result', 'Newest', 'Read#', 'New#', 'Restated#', 'What the provider said'],
        fetches.map((fetch) => [
          fetch.symbol,
          fetch.kind,
          fetch.provider,
          verdict(fetch.status),
          fetch.lastSession ?? 'none',
          String(fetch.rowsRead),
          String(fetch.rowsNew),
          String(fetch.rowsRevised),
          fetch.status === 'FAILED' ? [toned('bad', fetch.code ?? 'FAILED'), ` ${fetch.message ?? ''}`] : '',
        ]),
      ),
    ]),
    ...(findings.length > 0
      ? [
          section('Oddities in the answers', [
            table(
              ['Symbol', 'Session', 'Code', 'What was found'],
              findings.map((each) => [each.symbol, each.session, each.code, each.message]),
            ),
          ]),
        ]
      : []),
  ];
}
