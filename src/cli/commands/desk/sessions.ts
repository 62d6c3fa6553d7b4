import type { Command } from 'commander';
import { connect, OF_A_COMMAND } from '../../../db/connect.js';
import { explainDatabaseError } from '../../../db/explained.js';
import type { EntryKind } from '../../../domain/entry.js';
import { resultOrThrow, usageError } from '../../../domain/errors.js';
import type { Policy } from '../../../domain/policy/policy.js';
import { closeSessions } from '../../../operations/entry/close-sessions.js';
import { listSessions, type ListedSession } from '../../../operations/entry/list-sessions.js';
import type { EntryPlace } from '../../../operations/entry/place.js';
import { readConfiguration } from '../../../operations/runs/configuration.js';
import { readExposure } from '../../../operations/setup/exposure.js';
import { counted, ukTime } from '../../../reports/render/format.js';
import { resolveAddresses } from '../../../runtime/addresses.js';
import { loadSettings } from '../../../runtime/settings.js';
import { deskSealKey } from '../../../runtime/signing/desk-key.js';
import { answer, closed, machineClock, operatorAsked, type CommonFlags } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { shortId, tableLines } from '../../kit/table.js';

/** Lists who is let in at the desk. */
export const showSessions = (command: Command): Promise<void> =>
  withDesk(command, async ({ place }) => {
    const open = await listSessions(place);
    const { sessions, codes, strange } = open;
    return {
      data: open,
      lines: [
        ...(sessions.length === 0
          ? ['Nobody is let in at the desk.']
          : tableLines(['session', 'name', 'let in by', 'since', 'seen last'], sessions.map(rowOf))),
        ...(codes === 0 ? [] : [`${counted(codes, 'link')} that nobody has used yet.`]),
        ...(strange === 0
          ? []
          : [
              `${counted(strange, 'row')} that the desk did not write: somebody else writes to the database. No such row lets in.`,
            ]),
      ],
      next:
        strange > 0
          ? 'trading-ops desk close --all'
          : sessions.length > 0
            ? 'trading-ops desk close --session <one that you do not know>'
            : 'trading-ops desk open',
    };
  });

const BY: Record<EntryKind, string> = { code: 'a link', enrol: 'a link, to make a passkey', passkey: 'a passkey' };

const rowOf = ({ session, operator, readOnly, entry, enteredAt, seenAt }: ListedSession): string[] => [
  shortId(session),
  operator ?? 'no name',
  BY[entry] + (readOnly ? ', reads only' : ''),
  ukTime(enteredAt),
  ukTime(seenAt),
];

/** Ends a session of the desk, or all of them with every link that is open. */
export const endSessions = (command: Command): Promise<void> =>
  withDesk(command, async ({ place, policy, flags }) => {
    const { all = false, session } = flags;
    if (all === (session !== undefined))
      throw usageError('SESSION_MISSING', 'say which: --session <the beginning of it>, or --all', {
        remedy: 'trading-ops desk sessions',
      });
    const operator = operatorAsked(policy, flags.operator);
    const ended = resultOrThrow(await closeSessions(place, { operator }, { session: session ?? 'all' }));
    const { sessions, codes } = ended;
    return {
      data: ended,
      lines: [
        ...sessions.map((one) => `Ended: ${rowOf(one).slice(0, 3).join(', ')}`),
        all
          ? `Nobody is let in at the desk any more, and no link that was made before lets in (${counted(codes, 'link')} open).`
          : 'It lets nobody in any more.',
      ],
      next: 'trading-ops desk open',
    };
  });

interface Desk {
  place: EntryPlace;
  policy: Policy;
  flags: CommonFlags & { all?: boolean; session?: string };
}

/** Runs a command that looks at who is let in; the desk itself need not be up. */
const withDesk = (command: Command, action: (desk: Desk) => Promise<Answer>): Promise<void> => {
  const flags = command.optsWithGlobals<Desk['flags']>();
  return answer(flags.json ?? false, async () => {
    const settings = loadSettings();
    const [{ policy }, { exposure }] = await Promise.all([
      readConfiguration(settings.configDir),
      readExposure(settings.configDir),
    ]);
    const { databaseUrl } = resolveAddresses(settings);
    const db = connect(databaseUrl, 2, OF_A_COMMAND);
    const place = { db, now: machineClock, sealKey: () => deskSealKey(settings.dataDir), exposure };
    try {
      return await action({ place, policy, flags });
    } catch (error) {
      throw explainDatabaseError(error, databaseUrl);
    } finally {
      await closed(db);
    }
  });
};
