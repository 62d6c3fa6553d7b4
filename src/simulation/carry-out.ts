import type { Asker, Signer } from '../contract/asker.js';
import type { Outcome } from '../domain/errors.js';
import type { Instant } from '../domain/types.js';
import type { Installation } from '../operations/installation.js';
import { bookCash } from '../operations/ledger/book-cash.js';
import { bookCashInLieu } from '../operations/ledger/book-cash-in-lieu.js';
import { bookCashMerger } from '../operations/ledger/book-cash-merger.js';
import { bookDelisting } from '../operations/ledger/book-delisting.js';
import { bookDividend } from '../operations/ledger/book-dividend.js';
import { bookRename } from '../operations/ledger/book-rename.js';
import { bookSpinOff } from '../operations/ledger/book-spin-off.js';
import { bookSplit } from '../operations/ledger/book-split.js';
import { bookStockMerger } from '../operations/ledger/book-stock-merger.js';
import { ruleAction } from '../operations/market/rule.js';
import type { Errand } from './operator.js';

/** The installation, account and name that the simulated operator books in. */
export interface Office {
  installation: Installation;
  account: string;
  operator: string;
  sign: Signer;
}

/** Books or rules through the same operations as every door. @param at instant of the account's simulated clock */
export function carryOut(
  { installation, account, operator, sign }: Office,
  errand: Errand,
  at: Instant,
): Promise<Outcome<unknown>> {
  const asker: Asker = { operator, door: 'direct', claimedAt: at, sign };
  switch (errand.kind) {
    case 'BOOK_SPLIT': {
      const { symbol, exDate, ratio } = errand;
      return bookSplit(installation, asker, { account, symbol, exDate, ratio });
    }
    case 'BOOK_DIVIDEND': {
      const { symbol, exDate, dividendType: type, withholding, net } = errand;
      return bookDividend(installation, asker, { account, symbol, exDate, type, withholding, net });
    }
    case 'BOOK_EVENT':
      return bookEvent(installation, asker, account, errand);
    case 'RULE_ON_ACTION': {
      const { symbol, exDate, kind, dividendType: type, ruling, value, reason } = errand.ruling;
      return ruleAction(installation, asker, { account, symbol, exDate, kind, type, as: ruling, value, reason });
    }
  }
}

function bookEvent(
  installation: Installation,
  asker: Asker,
  account: string,
  { event: { kind, ...event }, cash: net, units }: Extract<Errand, { kind: 'BOOK_EVENT' }>,
): Promise<Outcome<unknown>> {
  const { date, costShare } = event;
  const [symbol, to, ratio] = [event.symbol ?? '', event.to ?? '', event.ratio ?? ''];
  switch (kind) {
    case 'INTEREST':
      return bookCash(installation, asker, { account, kind, amount: net ?? '', date });
    case 'RENAME':
      return bookRename(installation, asker, { account, symbol, to, date });
    case 'CASH_MERGER':
      return bookCashMerger(installation, asker, { account, symbol, date, net });
    case 'STOCK_MERGER':
      return bookStockMerger(installation, asker, { account, symbol, to, ratio, date, net, costShare });
    case 'SPIN_OFF':
      return bookSpinOff(installation, asker, { account, symbol, to, ratio, exDate: date, costShare });
    case 'CASH_IN_LIEU':
      return bookCashInLieu(installation, asker, { account, symbol, date, net: net ?? '', units });
    case 'DELISTING':
      return bookDelisting(installation, asker, { account, symbol, date, net });
  }
}
