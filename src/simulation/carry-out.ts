import type { Knex } from 'knex';
import { recordRuling } from '../db/actions.js';
import { outcomeOf, type Outcome } from '../domain/errors.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Account, Instant } from '../domain/types.js';
import { bookDividend, bookSplit } from '../operations/ledger/book.js';
import type { Errand } from './operator.js';

/** The installation and the name that the simulated operator books in. */
export interface Office {
  db: Knex;
  policy: Policy;
  account: Account;
  operator: string;
}

/** Books or rules through the same operations as every door. @param at instant of the account's simulated clock */
export const carryOut = (office: Office, errand: Errand, at: Instant): Promise<Outcome<unknown>> => outcomeOf<unknown>(() => work(office, errand, at));

function work({ db, policy, account, operator }: Office, errand: Errand, at: Instant): Promise<unknown> {
  const by = { account, operator, at };
  switch (errand.kind) {
    case 'BOOK_SPLIT': return bookSplit(db, by, policy, errand);
    case 'BOOK_DIVIDEND': {
      const { symbol, exDate, withholding } = errand;
      return bookDividend(db, by, policy, { symbol, exDate, paidOn: null, amount: null, units: null, fx: null, withholding, net: null });
    }
    case 'RULE_ON_ACTION': {
      const { symbol, exDate, kind, ruling, value, reason } = errand.ruling;
      return recordRuling(db, { symbol, exDate, kind, ruling, value, reason, operator, ruledAt: at });
    }
  }
}
