/** One measured figure beside its bar: a line of `bench/results/latest.json`. */
export interface Figure {
  name: string;
  value: number;
  /** `x` for a ratio measured in one run; `ms`, `MB`, `rows/s` for what is told beside it. */
  unit: string;
  /** `<= 2`, `>= 0.8`; null for a figure that is told and has no bar. */
  bar: string | null;
  holds: boolean;
}

/** A figure that must not be above its limit. */
export const atMost = (name: string, value: number, unit: string, limit: number): Figure => ({
  name,
  value: rounded(value),
  unit,
  bar: `<= ${limit}`,
  holds: value <= limit,
});

/** A figure that must not be below its limit. */
export const atLeast = (name: string, value: number, unit: string, limit: number): Figure => ({
  name,
  value: rounded(value),
  unit,
  bar: `>= ${limit}`,
  holds: value >= limit,
});

/** A figure without a bar. */
export const told = (name: string, value: number, unit: string): Figure => ({
  name,
  value: rounded(value),
  unit,
  bar: null,
  holds: true,
});

const rounded = (value: number): number => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
