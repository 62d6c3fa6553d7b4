/** What to do when an order cannot be placed as written, and what to note (docs/ETORO_CONSTRAINTS.md). */
export const FAILURE_INSTRUCTIONS = [
  'Only offered as a CFD: do not place it. Record the line as FAILED with the note "CFD only".',
  'Not found under the exact search name: do not choose a similar one. Record FAILED with the note "not found".',
  'Below eToro\'s minimum size: do not raise the amount. Record SKIPPED with the note "minimum size".',
  'Price beyond the skip price: do not place it. Record SKIPPED with the price you saw.',
  'Filled for less than the line says: record PARTIAL with what was filled and a note.',
  'Window closed before you came to the line: do not place it. Record SKIPPED with the note "window closed".',
];

export const FIELDS_TO_RECORD = [
  'For each line: the status (DONE, PARTIAL, SKIPPED or FAILED), the units, the price a share, the value in account currency with costs, the time, and a note unless it is DONE.',
];
