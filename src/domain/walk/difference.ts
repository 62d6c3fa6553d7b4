import type { IsoDate, TicketLine, TicketMaterial } from '../types.js';

/** What one policy's ticket says of a day and the other's does not. */
export interface TicketDifference {
  tradingDay: IsoDate;
  kinds: [TicketMaterial['kind'], TicketMaterial['kind']];
  /** Codes that only one of both gives. */
  codes: [string[], string[]];
  /** Lines that only one of both has: side, symbol and size. */
  lines: [string[], string[]];
}

const lineText = ({ side, symbol, valueBase, units }: TicketLine): string =>
  `${side} ${symbol} ${valueBase ?? `${units} units`}`;

const only = (own: readonly string[], other: readonly string[]): string[] => own.filter((one) => !other.includes(one));

/**
 * The days on which two walks of the same time issued tickets that tell the operator something else: to trade or not,
 * for other reasons, or other lines. What differs by definition (the policy's hash, the snapshot) does not count.
 */
export function ticketDifferences(
  own: readonly TicketMaterial[],
  other: readonly TicketMaterial[],
): TicketDifference[] {
  const others = new Map(other.map((material) => [material.tradingDay, material]));
  return own.flatMap((material): TicketDifference[] => {
    const against = others.get(material.tradingDay);
    if (!against) return [];
    const codes = [material, against].map(({ reasons }) => [...new Set(reasons.map(({ code }) => code))]);
    const lines = [material, against].map((each) => each.lines.map(lineText));
    const pair = ([a = [], b = []]: string[][]): [string[], string[]] => [only(a, b), only(b, a)];
    const difference: TicketDifference = {
      tradingDay: material.tradingDay,
      kinds: [material.kind, against.kind],
      codes: pair(codes),
      lines: pair(lines),
    };
    const isSame =
      material.kind === against.kind && [...difference.codes, ...difference.lines].every(({ length }) => length === 0);
    return isSame ? [] : [difference];
  });
}
