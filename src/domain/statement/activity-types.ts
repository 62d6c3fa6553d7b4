import { refusedStatement } from './refusals.js';
import type { EventKind } from './statement.js';

/** What a type of activity is here; `NOTHING` moves neither money nor units. */
type Meaning = EventKind | 'TRANSFER' | 'NOTHING';

/** Types by their names in small letters. */
const TYPES: Readonly<Record<string, Meaning>> = {
  'open position': 'OPEN',
  'position closed': 'CLOSE',
  dividend: 'DIVIDEND',
  deposit: 'DEPOSIT',
  'deposit conversion fee': 'FEE',
  'withdraw request': 'WITHDRAWAL',
  'withdraw request cancelled': 'WITHDRAWAL',
  'withdraw fee': 'FEE',
  'withdraw fee cancelled': 'FEE',
  'withdrawal conversion fee': 'FEE',
  'interest payment': 'INTEREST',
  'overnight fee': 'FEE',
  'overnight refund': 'FEE',
  'weekend fee': 'FEE',
  'weekend refund': 'FEE',
  'rollover fee': 'FEE',
  sdrt: 'FEE',
  commission: 'FEE',
  'opening and closing spread': 'FEE',
  'corp action: split': 'SPLIT',
  adjustment: 'ADJUSTMENT',
  'edit stop loss': 'NOTHING',
};

/** What the ledger has no word for, and why. */
const REFUSED: readonly [of: RegExp, rule: string][] = [
  [/copy|mirror/, 'is copy trading, which an account of ours has not'],
  [/staking|airdrop/, 'is of crypto, which an account of ours has not'],
  [/^profit\/loss of trade$/, 'is of a layout before 2022, which is not read'],
];

const TRANSFER = /^transfer: ?[a-z]{3} ?> ?[a-z]{3}$/;

/** Fees whose row may carry the whole settlement in the balance. */
export const isConversion = (type: string): boolean => /conversion fee$/i.test(type);
/** Rows that take another back. */
export const isCancelled = (type: string): boolean => /cancelled$/i.test(type);

/** What a type of activity is. @throws OpsError STATEMENT_TYPE: an unknown one may move money */
export function meaningOf(type: string, where: string): Meaning {
  const name = type.toLowerCase().replaceAll(/\s+/g, ' ');
  if (Object.hasOwn(TYPES, name)) return TYPES[name] as Meaning;
  if (TRANSFER.test(name)) return 'TRANSFER';
  const rule = REFUSED.find(([of]) => of.test(name))?.[1] ?? 'is a type of activity that is not known';
  throw refusedStatement('STATEMENT_TYPE', where, type, rule);
}

/** Kinds of assets that may be held here: the real thing, and neither a bet on it nor a coin. */
const ASSETS = ['stocks', 'etf'];

/** Refuses what is no share. @throws OpsError STATEMENT_TYPE */
export function refuseAsset(kind: string | null, where: string): void {
  if (kind !== null && ASSETS.includes(kind.toLowerCase())) return;
  throw refusedStatement(
    'STATEMENT_TYPE',
    where,
    kind ?? 'nothing',
    'is a kind of asset that the ledger has not: must be Stocks or ETF',
  );
}
