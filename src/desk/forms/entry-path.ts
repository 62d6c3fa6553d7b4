import type { Look } from '../look.js';

type Of = Pick<Look, 'account'>;

/** The page of an account's ledger. */
export const ledgerPath = ({ account }: Of): string => `/${encodeURIComponent(account.account)}/ledger`;

/** Where an entry is shown that was booked just now; without one, that nothing was to be booked. */
export const entryPath = (of: Of, entryId: number | null): string =>
  `${ledgerPath(of)}?booked=${entryId === null ? 'none' : String(entryId)}`;
