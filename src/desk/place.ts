import type { SealPlace } from '../domain/signing/seal.js';
import type { Installation } from '../operations/installation.js';
import type { Exposure } from '../domain/exposure.js';
import type { Mail } from './mail.js';

/** What the desk works on. */
export interface Place extends Installation, SealPlace {
  /** Where its database is, for what is told when that is away. */
  databaseUrl: string;
  /** How days, runs and schedules are reached. */
  mail: Mail;
  /** On which a browser of this machine finds it. */
  port: number;
  /** Where other machines find it, and nobody otherwise any more; null where they do not. */
  exposure: Exposure | null;
  /** Whose word on the address of a browser is taken. */
  trustedProxies: readonly string[];
  /** Id of the installation: two of them in one browser keep two cookies. */
  installation: string;
  /** Whether runs of this environment only rehearse. */
  dryRun: boolean;
}
