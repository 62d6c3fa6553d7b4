import { compareConfiguration, type PolicyKey } from '../../operations/setup/compare-configuration.js';
import { banner, code, facts, section, table, toned, type Block, type Text } from '../../reports/render/document.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';

/** The policy as the newest run pinned it beside the file, to be read. */
export async function settingsPage({ place }: Look): Promise<PageContent> {
  const { keys, pinned, file } = await compareConfiguration(place);
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

const HEADS = ['Key', 'In force', 'File'];

const rowOf = ({ key, pinned, file }: PolicyKey): Text[] => [
  code(key),
  pinned ?? '',
  pinned === file ? (file ?? '') : toned('warn', file ?? 'not there'),
];
