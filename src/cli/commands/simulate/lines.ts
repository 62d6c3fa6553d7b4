import type { ComparedWith } from '../../../domain/walk/benchmark.js';
import type { TicketsOfWalk } from '../../../domain/walk/tickets.js';

/** How many tickets there were, and the digest by which those of another walk or simulation are held against them. */
export const ticketsLine = ({ tickets, ticketsDigest }: TicketsOfWalk): string =>
  `Tickets: ${tickets.length}, digest ${ticketsDigest}`;

/** A fraction as a percentage with its sign: `0.075` to `+7.50 %`. */
export const percent = (fraction: number): string => `${fraction >= 0 ? '+' : ''}${(fraction * 100).toFixed(2)} %`;

/** What the benchmark did meanwhile, with what it is; or why there is none. */
export const benchmarkLine = ({ benchmark, noBenchmark }: ComparedWith): string =>
  benchmark ? `Benchmark: ${percent(benchmark.change)}, ${benchmark.name}` : `Benchmark: none, for ${noBenchmark}`;
