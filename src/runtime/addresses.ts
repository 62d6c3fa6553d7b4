import { unreachableError } from '../domain/errors.js';
import { databaseUrl, readRecord } from './record.js';
import type { Settings } from './settings.js';

/** Where the services of an installation are. */
export interface Addresses {
  databaseUrl: string;
  ownerDatabaseUrl: string;
  /** host:port. With a Temporal profile in the environment the profile decides; see `temporalConnectConfig`. */
  temporalAddress: string;
  temporalUiUrl: string | null;
  /** True when every address is the installation's own (nothing came from the environment). */
  local: boolean;
}

/**
 * The addresses of an installation: the environment wins, else its own record.
 * Throws "service unreachable" (exit 69) when neither names a service.
 */
export function resolveAddresses(settings: Settings): Addresses {
  const external = externalParts(settings);
  const record = external.postgres && external.temporal ? null : readRecord(settings.dataDir);
  if (!record && !(external.postgres && external.temporal)) throw notStarted(settings);
  const own = record && {
    app: databaseUrl(record, 'app'),
    owner: databaseUrl(record, 'owner'),
    temporal: `127.0.0.1:${record.temporal.port}`,
    ui: `http://127.0.0.1:${record.temporal.uiPort}`,
  };
  const app = settings.databaseUrl ?? own?.app ?? '';
  return {
    databaseUrl: app,
    ownerDatabaseUrl: settings.ownerDatabaseUrl ?? settings.databaseUrl ?? own?.owner ?? '',
    temporalAddress: settings.temporalAddress ?? (external.temporal ? '' : (own?.temporal ?? '')),
    temporalUiUrl: external.temporal ? null : (own?.ui ?? null),
    local: !external.postgres && !external.temporal,
  };
}

/** Which services the environment points elsewhere; `up` and `down` leave those alone. */
export function externalParts(settings: Settings): { postgres: boolean; temporal: boolean } {
  return {
    postgres: settings.databaseUrl !== undefined,
    temporal: settings.temporalAddress !== undefined || settings.temporalProfile !== undefined,
  };
}

function notStarted(settings: Settings) {
  return unreachableError(
    'NOT_STARTED',
    `No services are known for the data directory ${settings.dataDir}: it has never been started.`,
    {
      remedy: 'Type `make up` (or set DATABASE_URL and TEMPORAL_ADDRESS).',
    },
  );
}
