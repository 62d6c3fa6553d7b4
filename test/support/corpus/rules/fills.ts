import { expect } from 'vitest';
import { deviationsOf, sumOfDeviations } from '../../../../src/domain/confirmation/deviations.js';
import { parseFills } from '../../../../src/domain/confirmation/fill.js';
import { beyondMeans } from '../../../../src/domain/confirmation/means.js';
import { acceptanceOfFlag, ownDeviations } from '../../../../src/domain/confirmation/owned.js';
import type { FillsTicket } from '../../../../src/domain/confirmation/ticket.js';
import { OpsError } from '../../../../src/domain/errors.js';
import type { FillTries } from './shape.js';
import { fillsTicketOf, writtenFill } from './ticket.js';

const HOUR_MS = 3_600_000;
const CASH_TOLERANCE = 5;

/** Reports fills of one ticket, each try on its own, as `confirm-fills` judges them: shape, means, what is owned. */
export function playFills({ ticket, cash, units, tries }: FillTries): void {
  const of = fillsTicketOf(ticket);
  const inAnHour = new Date(Date.parse(ticket.closesAt) + HOUR_MS).toISOString();
  for (const [index, { fills, at = inAnHour, accept, expect: wanted }] of tries.entries()) {
    const where = `try ${index + 1}`;
    const told = of.lines.map((line) => writtenFill(line, of, fills[line.sequence] ?? { status: 'DONE' }));
    const found = judged(told, of, { at, accept, means: { cash, units } });
    expect(found.refused?.code ?? null, `${where}: ${found.refused?.message}`).toBe(wanted.refused);
    for (const piece of wanted.says ?? [])
      expect(`${found.refused?.message}\n${found.refused?.remedy}`, where).toContain(piece);
    if (wanted.deviations) expect(found.deviations, where).toEqual(wanted.deviations);
    if (wanted.sum !== undefined) expect(found.sum, where).toBe(wanted.sum);
  }
}

interface Judged {
  refused: OpsError | null;
  /** Null where the fills can never be. */
  deviations: string[] | null;
  sum: string | null;
}

function judged(
  told: unknown,
  of: FillsTicket,
  { at, accept, means }: { at: string; accept: string[]; means: Parameters<typeof beyondMeans>[1] },
): Judged {
  const found: Judged = { refused: null, deviations: null, sum: null };
  try {
    const fills = parseFills({ fills: told }, of, at);
    const deviations = deviationsOf(fills, of);
    found.deviations = deviations.map(({ sequence, kind }) => `${sequence} ${kind}`);
    found.sum = sumOfDeviations(deviations).amountBase;
    ownDeviations(deviations, accept.map(acceptanceOfFlag));
    found.refused = beyondMeans(fills, means, { cashTolerance: CASH_TOLERANCE, baseCurrency: of.baseCurrency });
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    found.refused = error;
  }
  return found;
}
