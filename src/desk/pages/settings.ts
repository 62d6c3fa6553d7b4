import type { Instant } from '../../domain/types.js';
import { fingerprintOf } from '../../domain/signing/keys.js';
import { listSessions } from '../../operations/entry/list-sessions.js';
import { keyLines } from '../../operations/signing/operator-keys.js';
import { compareConfiguration, type PolicyKey } from '../../operations/setup/compare-configuration.js';
import { banner, code, facts, section, table, toned, type Block, type Text } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';

/** The policy as the newest run pinned it beside the file, to be read. */
export async function settingsPage({ place, policy }: Look): Promise<PageContent> {
  const [{ keys, pinned, file }, lines, sessions] = await Promise.all([
    compareConfiguration(place),
    keyLines(place.configDir),
    listSessions(place),
  ]);
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
      section('Sessions of the desk', [sessionsBlock(sessions)]),
      section('Universe', [
        facts([
          ['File', [`${file.symbols} symbols, `, code(file.universeHash)]],
          ['Newest run', pinned === null ? 'none' : [`${pinned.symbols} symbols, `, code(pinned.universeHash)]],
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
type Sessions = Awaited<ReturnType<typeof listSessions>>;

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

const sessionsBlock = (sessions: Sessions): Block =>
  table(
    ['Name', 'Sessions#', 'Last seen'],
    sessions.map(({ operator, readOnly, count, seenAt }): Text[] => [
      `${operator ?? 'no name'}${readOnly ? ', reads only' : ''}`,
      String(count),
      ukTime(seenAt),
    ]),
  );

const HEADS = ['Key', 'In force', 'File'];

const rowOf = ({ key, pinned, file }: PolicyKey): Text[] => [
  code(key),
  pinned ?? '',
  pinned === file ? (file ?? '') : toned('warn', file ?? 'not there'),
];
