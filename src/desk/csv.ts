/** As many rows as a list gives at once: those of a file. */
export const ALL_ROWS = '100000';
