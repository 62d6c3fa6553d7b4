import type { ClientConnectConfig } from '@temporalio/envconfig';
import { readRegularSync } from '../../files/regular.js';
import { unreadable } from '../../files/unreadable.js';
import { resolveAddresses } from '../addresses.js';
import type { Settings } from '../settings.js';

/**
 * For a client that lives long: a server that comes back is found within two seconds. By itself gRPC waits longer after
 * each try, up to two minutes.
 */
export const QUICK_RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': 250,
  'grpc.max_reconnect_backoff_ms': 2_000,
} as const;

/**
 * Options for `Connection.connect` and `NativeConnection.connect`, and the namespace, by Temporal's own rules
 * (TEMPORAL_* variables, TLS, API key, profiles); unset, the installation's local server.
 * A profile counts only when the environment names it: the default file of the `temporal` command, kept for other
 * work on the same machine, must never redirect a trading day.
 */
export async function temporalConnectConfig(
  settings: Settings,
): Promise<{ namespace: string; connectionOptions: ClientConnectConfig['connectionOptions'] }> {
  const { temporalAddress } = resolveAddresses(settings);
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  const profile = settings.temporalProfile;
  if (profile?.file) assertReadable(profile.file);
  const config = loadClientConnectConfig({
    ...(profile?.profile && { profile: profile.profile }),
    ...(profile?.file && { configSource: { path: profile.file } }),
    disableFile: profile === undefined,
  });
  const address = temporalAddress || config.connectionOptions.address;
  return {
    namespace: profile ? (config.namespace ?? settings.temporalNamespace) : settings.temporalNamespace,
    connectionOptions: { ...config.connectionOptions, ...(address && { address }) },
  };
}

/** The client's own reader would wait for a pipe. @throws OpsError CONFIG_UNREADABLE, MACHINE_EXHAUSTED */
function assertReadable(file: string): void {
  try {
    readRegularSync(file);
  } catch (cause) {
    throw unreadable(file, cause, 'name the file of a profile in TEMPORAL_CONFIG_FILE');
  }
}
