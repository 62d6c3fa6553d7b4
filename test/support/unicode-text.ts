import * as fc from 'fast-check';

/** Code points that are no half of a pair. */
const SURROGATES = { from: 0xd800, count: 0x800 };

/**
 * Text of any characters, as `fc.string({ unit: 'binary' })` makes it, without the second of computing that fast-check
 * takes to sort all of Unicode before its first one.
 */
export const unicodeText = (constraints: { maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.string({
    unit: fc
      .nat(0x10_ffff - SURROGATES.count)
      .map((point) => String.fromCodePoint(point < SURROGATES.from ? point : point + SURROGATES.count)),
    ...constraints,
  });
