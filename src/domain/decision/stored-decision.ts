import { z } from 'zod';
import { faultError } from '../errors.js';
import type { GateName, GateResult, Reason, TicketLine, TicketMaterial } from '../types.js';
import { IN_OUR_WORDS } from '../shape-words.js';

// What some version stored of a decision: its material, and why. What a later one adds is kept, for the material is hashed whole.

const text = z.string();
const evidenceSchema: z.ZodType<GateResult['evidence']> = z.record(
  text,
  z.union([z.string(), z.number(), z.boolean(), z.null()]),
);

const reasonsSchema: z.ZodType<Reason[]> = z.array(
  z.looseObject({ code: text, subject: text.nullable(), message: text, evidence: evidenceSchema }),
);

const lineSchema: z.ZodType<TicketLine> = z.looseObject({
  sequence: z.int(),
  symbol: text,
  etoroSearchName: text,
  side: z.enum(['BUY', 'SELL']),
  orderType: z.literal('MARKET'),
  valueBase: text.nullable(),
  units: text.nullable(),
  referencePrice: text,
  referenceCurrency: text,
  skipPrice: text,
});

const materialSchema: z.ZodType<TicketMaterial> = z.looseObject({
  schema: z.literal(1),
  account: text,
  baseCurrency: text,
  tradingDay: text,
  asOfDate: text,
  kind: z.enum(['TRADE', 'NO_TRADE']),
  dryRun: z.boolean(),
  reasons: z.array(z.looseObject({ gate: text as z.ZodType<GateName>, code: text, subject: text.nullable() })),
  lines: z.array(lineSchema),
  fx: z.looseObject({ pair: text, date: text, rate: text }).nullable(),
  window: z.looseObject({ opensAt: text, closesAt: text }).nullable(),
  policyHash: text,
  universeHash: text,
  snapshotId: text.nullable(),
  supersedes: text.nullable(),
});

/** The material of a ticket, every part of it as it was hashed. Throws OpsError FACTS_UNREADABLE (a fault), as the others do. */
export const storedMaterial = (content: unknown, where: string): TicketMaterial =>
  read(materialSchema, content, `${where}: material`);

/** Why a gate, a ticket or a comparison said what it said. */
export const storedReasons = (content: unknown, where: string): Reason[] =>
  read(reasonsSchema, content, `${where}: reasons`);

const codesSchema: z.ZodType<{ code: string }[]> = z.array(z.looseObject({ code: text }));

/** The codes of such reasons: where nothing else is looked at, nothing else need be there. */
export const storedCodes = (content: unknown, where: string): string[] =>
  read(codesSchema, content, `${where}: reasons`).map(({ code }) => code);

/** What a gate looked at. */
export const storedEvidence = (content: unknown, where: string): GateResult['evidence'] =>
  read(evidenceSchema, content, `${where}: evidence`);

function read<T>(schema: z.ZodType<T>, content: unknown, where: string): T {
  const result = schema.safeParse(content, IN_OUR_WORDS);
  // As it was stored, the order of its fields included: nothing is filled in here.
  if (result.success) return content as T;
  throw faultError('FACTS_UNREADABLE', `${where}: ${z.prettifyError(result.error)}`, { cause: result.error });
}
