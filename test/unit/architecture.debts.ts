/** What is not yet as drawn. The list only gets shorter: a line goes with the last thing it names. */

/** What groups of the command line still decide themselves: what they take of the database or the domain, or write. */
export const DOORS: string[] = [
  'render: isPastKeeping',
  'simulate: contentHash',
  'simulate: dateShape',
  'simulate: positiveAmountShape',
  'simulate: sessionsBetween',
];
