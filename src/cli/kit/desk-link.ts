import { connect, OF_A_COMMAND } from '../../db/connect.js';
import { explainDatabaseError } from '../../db/explained.js';
import { unreachableError } from '../../domain/errors.js';
import type { Instant } from '../../domain/types.js';
import { makeEntryCode } from '../../operations/entry/make-code.js';
import { operatorMeant } from '../../operations/accounts/meant.js';
import { readConfiguration } from '../../operations/runs/configuration.js';
import { resolveAddresses } from '../../runtime/addresses.js';
import type { Settings } from '../../runtime/settings.js';
import { deskSealKey } from '../../runtime/signing/desk-key.js';
import { deskUrl } from '../../runtime/status.js';
import { closed, machineClock, operatorSaid } from './context.js';

/** A link that lets in at the desk once, and until when. */
export interface DeskLink {
  link: string;
  expiresAt: Instant;
  operator: string | null;
  readOnly: boolean;
  /** Whether other machines reach the desk: then a link lets in to make a passkey alone. */
  isExposed: boolean;
}

/**
 * Makes a one-time link to the desk.
 * @param choices operator: the name that is claimed; left out, that of the environment or the only one of the policy,
 * and nobody's where there are several.
 * @throws OpsError DESK_UNKNOWN, OPERATOR_UNKNOWN, SIGNING_KEY_MISSING, POSTGRES_DOWN, SCHEMA_MISSING
 */
export async function deskLink(
  settings: Settings,
  { operator: named, readOnly = false }: { operator?: string | undefined; readOnly?: boolean } = {},
): Promise<DeskLink> {
  const url = deskUrl(settings);
  if (url === null)
    throw unreachableError('DESK_UNKNOWN', `the desk of ${settings.dataDir} has never been started`, {
      remedy: 'make up',
    });
  const { policy } = await readConfiguration(settings.configDir);
  const said = operatorSaid(named);
  const operator = said === undefined && policy.operators.length > 1 ? null : operatorMeant(policy, said);
  const { databaseUrl } = resolveAddresses(settings);
  const sealKey = () => deskSealKey(settings.dataDir);
  const db = connect(databaseUrl, 1, OF_A_COMMAND);
  try {
    const { code, expiresAt } = await makeEntryCode({ db, now: machineClock, sealKey }, { operator, readOnly });
    const address = policy.desk?.public_url ?? null;
    const link = `${(address ?? url).replace(/\/$/, '')}/enter#${code}`;
    return { link, expiresAt, operator, readOnly, isExposed: address !== null };
  } catch (error) {
    throw explainDatabaseError(error, databaseUrl);
  } finally {
    await closed(db);
  }
}

/** What is said of a link. */
export const linkLines = ({ link, operator, readOnly, isExposed }: DeskLink): string[] => [
  link,
  `It lets in once, within ten minutes${operator === null ? '' : `, as ${operator}`}` +
    `${isExposed ? ', to make a passkey' : readOnly ? ', to read only' : ''}.`,
];
