import type { Client } from '@temporalio/client';
import type { DayKey } from '../../contract/day-messages.js';
import type { Instant } from '../../domain/types.js';
import type { Herald } from '../alerts/tell.js';
import type { Installation } from '../installation.js';
import type { Configuration } from '../runs/configuration.js';

/** What a watch looks at: the installation, the server's schedules and workflows, and where alerts are told. */
export interface Watcher extends Installation, Herald {
  client: Client;
  taskQueue: string;
  /** Where the secrets are that must be in no file. */
  env: NodeJS.ProcessEnv;
}

/** The instant of a watch, whose workflow looks, the policy in force, and the days of all accounts that were open then. */
export interface Moment {
  at: Instant;
  workflowId: string;
  configuration: Configuration;
  unfinished: readonly DayKey[];
}
