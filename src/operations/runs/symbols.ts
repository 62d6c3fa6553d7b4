/** The symbols in lists of at most `size`. */
export function batchesOf(symbols: string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(symbols.length / size) }, (_, i) => symbols.slice(i * size, (i + 1) * size));
}
