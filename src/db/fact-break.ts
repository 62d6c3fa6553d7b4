/** A fact that is not what the audit log says of it. */
export interface FactBreak {
  /** Table. */
  fact: string;
  /** Its primary key, in words. */
  key: string;
  problem: string;
}
