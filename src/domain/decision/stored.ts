import { z } from 'zod';
import { faultError } from '../errors.js';
import { storedPolicy, storedUniverse } from '../policy/stored.js';
import type { ActionRuling, CorporateAction, FxRate, LedgerState, SymbolHistory } from '../types.js';
import { recordedShape } from '../signing/attestation.js';
import { SIGNED_FACT_TABLES, type SignatureFacts } from '../signing/facts.js';
import { FINDING_CODES, type DecisionFacts, type FetchOutcome, type RateFacts } from './facts.js';
import { IN_OUR_WORDS } from '../shape-words.js';

/** Facts as they are pinned to a ticket: each history as one text. */
export type PinnedFacts = Omit<DecisionFacts, 'market'> & {
  market: Omit<DecisionFacts['market'], 'histories'> & {
    histories: (Omit<SymbolHistory, 'bars'> & { bars: string })[];
  };
};

// What a later version adds is kept: facts are compared whole. What must be there is checked, and of which kind it is.
const texts = z.record(z.string(), z.string());
const text = z.string();

const basisShape = z.enum(['raw', 'split', 'split+dividend']);
const findingsShape = z.array(z.looseObject({ code: z.enum(FINDING_CODES), session: text, message: text }));
const seriesShape = z.looseObject({ source: text, rates: z.array(z.looseObject({ date: text, rate: text })) });
const ratesShape: z.ZodType<RateFacts> = z.looseObject({
  pair: text,
  first: seriesShape,
  second: seriesShape.nullable(),
  fetch: z
    .looseObject({
      status: z.enum(['OK', 'FAILED']),
      code: text.nullable(),
      message: text.nullable(),
      findings: findingsShape,
    })
    .nullable(),
});

const marketSchema: z.ZodType<PinnedFacts['market']> = z.looseObject({
  asOfDate: text,
  provider: text,
  basis: basisShape,
  histories: z.array(
    z.looseObject({
      symbol: text,
      basis: basisShape.exactOptional(),
      bars: text.regex(/^$|^[^,;]+(,[^,;]+){5,6}(;[^,;]+(,[^,;]+){5,6})*$/, 'must be bars of 6 or 7 parts'),
    }),
  ),
  secondCloses: z.looseObject({ source: text, closes: texts }).nullable(),
  fetches: z.array<z.ZodType<FetchOutcome>>(
    z.looseObject({
      symbol: text,
      source: text,
      status: z.enum(['OK', 'FAILED']),
      code: text.nullable(),
      message: text.nullable(),
      findings: findingsShape,
    }),
  ),
  actions: z.array<z.ZodType<CorporateAction>>(
    z.looseObject({
      symbol: text,
      exDate: text,
      kind: z.enum(['SPLIT', 'DIVIDEND']),
      value: text,
      currency: text.nullable(),
      source: text,
    }),
  ),
  rulings: z.array<z.ZodType<ActionRuling>>(
    z.looseObject({
      symbol: text,
      exDate: text,
      kind: z.enum(['SPLIT', 'DIVIDEND', 'JUMP']),
      ruling: z.enum(['cash_dividend', 'split', 'ignore', 'genuine']),
      value: text.nullable(),
    }),
  ),
  fx: z.looseObject({ pair: text, date: text, rate: text, source: text }).nullable() as z.ZodType<FxRate | null>,
  rates: ratesShape.exactOptional(),
});

const ledgerSchema: z.ZodType<LedgerState> = z.looseObject({
  cash: text,
  units: texts,
  lastEntryId: z.int().nullable(),
  lastBookedAt: text.nullable(),
});

const snapshotSchema: z.ZodType<NonNullable<DecisionFacts['snapshot']>> = z.looseObject({
  snapshotId: text,
  account: text,
  snapshotDate: text,
  takenAt: text,
  cash: text,
  positions: texts,
  notes: text.nullable(),
  operator: text,
  lastEntryId: z.int().nullable(),
});

const signedRow = { id: text, operator: text, act: z.looseObject({}), signatures: z.array(recordedShape()) };
const signaturesShape = z.looseObject({
  keyring: z.looseObject({
    own: z.looseObject({ installation: text, publicKey: text }),
    lines: z.array(z.looseObject({})),
  }),
  keysHash: text,
  needed: z.int(),
  byOwnKeys: z.literal(true).exactOptional(),
  snapshot: z.looseObject(signedRow).nullable(),
  confirmations: z.array(z.looseObject({ ...signedRow, ticketId: text, tradingDay: text })),
  others: z.array(z.looseObject({ ...signedRow, fact: z.enum(SIGNED_FACT_TABLES) })).exactOptional(),
}) as unknown as z.ZodType<SignatureFacts>;

const factsSchema: z.ZodType<Omit<PinnedFacts, 'policy' | 'universe'> & { policy: unknown; universe: unknown }> =
  z.looseObject({
    account: z.looseObject({ account: text, baseCurrency: text, clock: z.enum(['real', 'simulated']) }),
    tradingDay: text,
    asOfDate: text,
    at: text,
    mode: z.enum(['off', 'dry-run', 'live']),
    policy: z.unknown(),
    policyHash: text,
    universe: z.unknown(),
    universeHash: text,
    market: marketSchema,
    ledger: ledgerSchema,
    snapshot: snapshotSchema.nullable(),
    openTickets: z.array(z.looseObject({ ticketId: text, tradingDay: text })),
    killSwitch: z.looseObject({ engaged: z.boolean(), reason: text.nullable() }),
    equity: z.looseObject({ index: text, peak: text, asOfDate: text }).nullable(),
    books: z
      .looseObject({
        newest: z.looseObject({ what: text, at: text }).nullable(),
        broken: z.array(text).exactOptional(),
      })
      .exactOptional(),
    signatures: signaturesShape.exactOptional(),
  });

/**
 * The facts of a ticket as some version of the program pinned them; policy and universe are read as those that are
 * stored by themselves, with the defaults of sections that came later. A fault when they are in no shape that any
 * version wrote.
 * @param historyOf reads a history from its text.
 */
export function storedFacts(
  content: unknown,
  ticketId: string,
  historyOf: (history: PinnedFacts['market']['histories'][number]) => SymbolHistory,
): DecisionFacts {
  const result = factsSchema.safeParse(content, IN_OUR_WORDS);
  if (!result.success) {
    throw faultError('FACTS_UNREADABLE', `ticket ${ticketId}: pinned facts: ${z.prettifyError(result.error)}`, {
      cause: result.error,
    });
  }
  const { policy, universe, market, ...facts } = result.data;
  return {
    ...facts,
    policy: storedPolicy(policy, facts.policyHash),
    universe: storedUniverse(universe, facts.universeHash),
    market: { ...market, histories: market.histories.map(historyOf) },
  };
}
