/**
 * Whether the ledger has moved on since it was compared with the broker, so that the comparison counts no longer. By
 * entry id, not by time: clocks may stand still (simulated) or step back (real), the journal's order does not.
 * @param ledger id of the ledger's newest entry, null of an empty one
 * @param compared the same when the snapshot was compared
 */
export const isBookedSince = (ledger: number | null, compared: number | null): boolean =>
  (ledger ?? 0) > (compared ?? 0);
