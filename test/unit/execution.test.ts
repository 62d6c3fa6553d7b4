import { describe, expect, it } from 'vitest';
import { claimBy, holderAfter, refuseUnlessOwn, type ClaimEvent } from '../../src/domain/confirmation/claim.js';
import {
  draftContent,
  isSameDraft,
  refuseStale,
  versionAfter,
  type DraftLine,
} from '../../src/domain/confirmation/draft.js';
import { failureCauses, failureInstructions } from '../../src/domain/decision/instructions.js';
import type { TicketLine } from '../../src/domain/types.js';

const AT = '2018-05-07T13:45:00.000Z';
const event = (kind: ClaimEvent['kind'], operator = 'ada'): ClaimEvent => ({
  claimId: 'c',
  ticketId: 't',
  kind,
  operator,
  at: AT,
});

describe('who executes a ticket', () => {
  it('is whoever claimed it or took it over last, and nobody after a release', () => {
    expect(holderAfter(null)).toBe(null);
    expect(holderAfter(event('CLAIM'))).toEqual({ operator: 'ada', at: AT });
    expect(holderAfter(event('TAKE_OVER', 'bo'))).toEqual({ operator: 'bo', at: AT });
    expect(holderAfter(event('RELEASE'))).toBe(null);
  });

  it('claims what nobody has, keeps what is theirs, and takes over with a reason alone', () => {
    const holder = holderAfter(event('CLAIM'));
    expect(claimBy(null, { operator: 'bo', reason: null })).toBe('CLAIM');
    expect(claimBy(holder, { operator: 'ada', reason: null })).toBe(null);
    expect(claimBy(holder, { operator: 'ada', reason: 'x' })).toBe(null);
    expect(claimBy(holder, { operator: 'bo', reason: 'x' })).toBe('TAKE_OVER');
    expect(() => claimBy(holder, { operator: 'bo', reason: null })).toThrow(`ada executes this ticket since ${AT}`);
  });

  it('lets nobody else write a line down', () => {
    const holder = holderAfter(event('CLAIM'));
    expect(() => refuseUnlessOwn(holder, 'bo')).toThrow(expect.objectContaining({ code: 'EXECUTION_CLAIMED' }));
    expect(() => refuseUnlessOwn(holder, 'ada')).not.toThrow();
    expect(() => refuseUnlessOwn(null, 'bo')).not.toThrow();
  });
});

describe('a line of a draft', () => {
  const stored: DraftLine = {
    sequence: 2,
    version: 3,
    content: { units: '2', notes: 'half' },
    operator: 'bo',
    savedAt: AT,
  };

  it('is what stands in its fields, without what is empty', () => {
    expect(draftContent({ units: ' 2 ', notes: '', seen: '  ' })).toEqual({ units: '2' });
    expect(isSameDraft({ units: '2', notes: '' }, { units: ' 2' })).toBe(true);
    expect(isSameDraft({ units: '2' }, { units: '2.0' })).toBe(false);
    expect(isSameDraft({ seen: '1' }, {})).toBe(false);
  });

  it('gets the next version by whoever read the newest, and none where nothing changes', () => {
    const line = { sequence: 2, content: { units: '3' } };
    expect(versionAfter(undefined, { ...line, version: 0 })).toBe(1);
    expect(versionAfter(undefined, { sequence: 2, content: {}, version: 0 })).toBe(null);
    expect(versionAfter(stored, { ...line, version: 3 })).toBe(4);
    expect(versionAfter(stored, { sequence: 2, content: stored.content, version: 0 })).toBe(null);
    expect(versionAfter(stored, { sequence: 2, content: {}, version: 3 })).toBe(4);
  });

  it('that was saved otherwise since is told with what it says, by whom and when', () => {
    const mine = { sequence: 2, content: { units: '3' }, version: 2 };
    const told = `line 2 was saved by bo at ${AT}, after you read it: units 2, notes half`;
    for (const refused of [() => refuseStale(stored, mine), () => versionAfter(stored, mine)])
      expect(refused).toThrow(expect.objectContaining({ code: 'DRAFT_STALE', message: told }));
    expect(() => refuseStale({ ...stored, content: {} }, mine)).toThrow(/after you read it: nothing$/);
    expect(() => refuseStale(stored, { ...mine, version: 3 })).not.toThrow();
    expect(() => refuseStale(stored, { ...mine, content: stored.content })).not.toThrow();
    expect(() => refuseStale(undefined, mine)).not.toThrow();
  });
});

describe('why a line cannot be executed as written', () => {
  const line: TicketLine = {
    sequence: 1,
    side: 'BUY',
    symbol: 'AAPL',
    etoroSearchName: 'Apple',
    orderType: 'MARKET',
    valueBase: '250.00',
    units: null,
    referencePrice: '180',
    referenceCurrency: 'USD',
    skipPrice: '181',
  };

  it('is a status and a note, which the instructions say in words', () => {
    const causes = failureCauses(line, 'GBP');
    expect(causes.map(({ status, note }) => `${status} ${note}`)).toEqual([
      'SKIPPED price above skip price',
      'FAILED CFD only',
      'FAILED not found',
      'FAILED below minimum size',
      'SKIPPED not enough cash',
      'PARTIAL null',
      'SKIPPED window closed',
    ]);
    expect(failureCauses({ ...line, side: 'SELL' }, 'GBP')).toHaveLength(6);
    expect(failureInstructions(line, 'GBP')[0]).toEqual({
      when: 'the price is above 181 USD',
      action: 'do not trade; record SKIPPED with the note "price above skip price"',
    });
  });

  it('is the window alone once that is over', () => {
    const closed = { when: 'the execution window has closed', status: 'SKIPPED', note: 'window closed' };
    expect(failureCauses(line, 'GBP', true)).toEqual([closed]);
  });
});
