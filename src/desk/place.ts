import type { Installation } from '../operations/installation.js';
import type { Mail } from './mail.js';

/** What the desk works on. */
export interface Place extends Installation {
  /** Where its database is, for what is told when that is away. */
  databaseUrl: string;
  /** How days, runs and schedules are reached. */
  mail: Mail;
  /** On which a browser finds it. */
  port: number;
  /** Id of the installation: two of them in one browser keep two cookies. */
  installation: string;
  /** Whether runs of this environment only rehearse. */
  dryRun: boolean;
}
