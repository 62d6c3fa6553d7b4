/** Figures by plain arithmetic; see performance.mjs. */
export function independentPerformance(input: {
  folder: string;
  symbols: readonly string[];
  benchmark: string;
  withholding: number;
  journal: readonly unknown[];
  fills: readonly unknown[];
  from: string;
  to: string;
}): Record<
  | 'closes'
  | 'equityEnd'
  | 'timeWeighted'
  | 'annual'
  | 'drawdown'
  | 'volatility'
  | 'currency'
  | 'local'
  | 'benchmark'
  | 'relative'
  | 'sameDeposits'
  | 'moneyWeighted'
  | 'modifiedDietz'
  | 'slippage'
  | 'currencyCost',
  number
> & { contributions: Record<string, number> };
