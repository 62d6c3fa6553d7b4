import type { EntryKind } from '../../domain/entry.js';
import type { Instant } from '../../domain/types.js';
import { resultOrThrow } from '../../domain/errors.js';
import { fingerprintOf } from '../../domain/signing/keys.js';
import { pageSessions, type ListedSession, type SessionsPage } from '../../operations/entry/list-sessions.js';
import { keyLines } from '../../operations/signing/operator-keys.js';
import { compareConfiguration, type PolicyKey } from '../../operations/setup/compare-configuration.js';
import {
  banner,
  code,
  facts,
  link,
  paragraph,
  section,
  table,
  toned,
  type Block,
  type Text,
} from '../../reports/render/document.js';
import { counted, ukTime } from '../../reports/render/format.js';
import type { PageContent } from '../look.js';
import type { Sitting } from '../sitting.js';
import { listMain } from '../view/document.js';
import { pathWith } from '../view/filter.js';

/** The policy as the newest run pinned it beside the file, to be read. */
export async function settingsPage({ place, policy, account, who, query }: Sitting): Promise<PageContent> {
  const [{ keys, pinned, file }, lines, sessions] = await Promise.all([
    compareConfiguration(place),
    keyLines(place.configDir),
    pageSessions(place, who.id, { before: query['before'] ?? null }),
  ]);
  const endsAt = who.session.readOnly ? null : `/${encodeURIComponent(account.account)}/sessions`;
  const changed = keys.filter((each) => each.pinned !== each.file);
  const head: Block =
    pinned === null
      ? banner('plain', 'No run has pinned a policy yet', 'The first one takes what the files say.')
      : changed.length === 0 && pinned.universeHash === file.universeHash
        ? banner('good', 'The files are what the newest run went by')
        : banner(
            'warn',
            'The files have changed since the newest run',
            'What they say takes effect with the next run.',
          );
  return {
    title: 'Settings',
    here: '/settings',
    command: 'trading-ops policy check',
    main: listMain('Settings', `${place.configDir}: edited there, never here.`, [
      head,
      ...(pinned !== null && changed.length > 0 ? [section('Changed', [table(HEADS, changed.map(rowOf))])] : []),
      section('Operators and their keys', [operatorsTable(policy.operators, lines, place.now())]),
      section('Sessions of the desk', sessionBlocks(resultOrThrow(sessions), endsAt)),
      section('Universe', [
        facts([
          ['File', [`${counted(file.symbols, 'symbol')}, `, code(file.universeHash)]],
          [
            'Newest run',
            pinned === null ? 'none' : [`${counted(pinned.symbols, 'symbol')}, `, code(pinned.universeHash)],
          ],
        ]),
      ]),
      section('Policy', [
        facts([
          ['File', code(file.policyHash)],
          ['Newest run', pinned === null ? 'none' : code(pinned.policyHash)],
        ]),
        table(HEADS, keys.map(rowOf)),
      ]),
    ]),
  };
}

type KeyLines = Awaited<ReturnType<typeof keyLines>>;

/** Who may ask, each with the keys that sign in their name; keys of a name that is not in the policy are told too. */
function operatorsTable(operators: readonly string[], lines: KeyLines, now: Instant): Block {
  const rows = operators.flatMap((operator): Text[][] => {
    const own = lines.filter((line) => line.operator === operator);
    if (own.length === 0) return [[operator, "the installation's", '', '', toned('warn', 'the name is claimed')]];
    return own.map((line) => keyRow(operator, line, now));
  });
  const others = lines.filter(({ operator }) => !operators.includes(operator));
  return table(
    ['Operator', 'Key', 'Fingerprint', 'Label', 'Signs'],
    [...rows, ...others.map((line) => keyRow(line.operator, line, now))],
  );
}

const keyRow = (operator: string, { kind, publicKey, host, label, until }: KeyLines[number], now: Instant): Text[] => [
  operator,
  host === null ? kind : `${kind} of ${host}`,
  code(fingerprintOf(publicKey)),
  label,
  until !== null && Date.parse(until) <= Date.parse(now) ? `ended ${ukTime(until)}` : toned('good', 'now'),
];

/** @param endsAt below which path sessions are ended; null for whoever may only read */
function sessionBlocks({ sessions, codes, strange, total, older }: SessionsPage, endsAt: string | null): Block[] {
  return [
    table(
      ['Name', 'Let in by', 'Since', 'Seen last', 'Session', 'End'],
      sessions.map((session) => sessionRow(session, endsAt)),
    ),
    ...(sessions.length === total
      ? []
      : [paragraph(`${counted(total, 'session')} in all, fifty a page, newest first.`)]),
    ...(older === null ? [] : [paragraph([link(pathWith('/settings', { before: older }), 'Older sessions')])]),
    ...(strange === 0
      ? []
      : [
          banner('bad', `${counted(strange, 'row')} that the desk did not write`, [
            'Somebody else writes to the database. No such row lets anybody in. What is not as it was recorded: ',
            code('trading-ops audit verify'),
          ]),
        ]),
    ...(codes === 0 ? [] : [paragraph(`${counted(codes, 'link')} that nobody has used yet.`)]),
    ...(endsAt === null || total + codes + strange < 2
      ? []
      : [paragraph([link(`${endsAt}/others/end`, 'End all other sessions and open links')])]),
  ];
}

const BY: Record<EntryKind, string> = {
  code: 'a link: the name is claimed',
  enrol: 'a link, to make a passkey',
  passkey: 'a passkey',
};

const sessionRow = (
  { session, operator, readOnly, entry, enteredAt, seenAt, isOwn }: ListedSession,
  endsAt: string | null,
): Text[] => [
  operator ?? 'no name',
  BY[entry] + (readOnly ? ', reads only' : ''),
  ukTime(enteredAt),
  ukTime(seenAt),
  code(session.slice(0, 8)),
  isOwn ? toned('good', 'this one') : endsAt === null ? '' : [link(`${endsAt}/${session}/end`, 'End it')],
];

const HEADS = ['Key', 'In force', 'File'];

const rowOf = ({ key, pinned, file }: PolicyKey): Text[] => [
  code(key),
  pinned ?? '',
  pinned === file ? (file ?? '') : toned('warn', file ?? 'not there'),
];
