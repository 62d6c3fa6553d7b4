import type { Asker } from '../contract/asker.js';
import type { Outcome } from '../domain/errors.js';
import type { Instant } from '../domain/types.js';
import type { Installation } from '../operations/installation.js';
import { bookDividend } from '../operations/ledger/book-dividend.js';
import { bookSplit } from '../operations/ledger/book-split.js';
import { ruleAction } from '../operations/market/rule.js';
import type { Errand } from './operator.js';

/** The installation, account and name that the simulated operator books in. */
export interface Office {
  installation: Installation;
  account: string;
  operator: string;
}

/** Books or rules through the same operations as every door. @param at instant of the account's simulated clock */
export function carryOut(
  { installation, account, operator }: Office,
  errand: Errand,
  at: Instant,
): Promise<Outcome<unknown>> {
  const asker: Asker = { operator, door: 'direct', claimedAt: at };
  switch (errand.kind) {
    case 'BOOK_SPLIT': {
      const { symbol, exDate, ratio } = errand;
      return bookSplit(installation, asker, { account, symbol, exDate, ratio });
    }
    case 'BOOK_DIVIDEND': {
      const { symbol, exDate, withholding } = errand;
      return bookDividend(installation, asker, { account, symbol, exDate, withholding });
    }
    case 'RULE_ON_ACTION': {
      const { symbol, exDate, kind, ruling, value, reason } = errand.ruling;
      return ruleAction(installation, asker, { account, symbol, exDate, kind, as: ruling, value, reason });
    }
  }
}
