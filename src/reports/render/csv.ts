/** What a spreadsheet would run: a cell that begins like this, unless it is a plain number. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?$/;

/** A cell as a spreadsheet shows it, whatever is in it: text that it would run gets an apostrophe before it. */
function cell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows as CSV (RFC 4180), that runs nothing in a spreadsheet. @param rows the heads first; null is an empty cell */
export const csvText = (rows: readonly (readonly (string | number | null)[])[]): string =>
  rows.map((row) => `${row.map((each) => cell(String(each ?? ''))).join(',')}\r\n`).join('');
