/** Order of two texts by code unit: the same on every machine, which no locale's order is. */
export const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
