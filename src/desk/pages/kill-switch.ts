import { killSwitchStanding, type KillSwitchStanding } from '../../operations/guard/kill-switch-standing.js';
import {
  banner,
  link,
  paragraph,
  section,
  table,
  toned,
  type Block,
  type Text,
} from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';

type Of = Pick<Look, 'account'>;
type Standing = Awaited<ReturnType<typeof killSwitchStanding>>;

/** The page that says whether trading is stopped. */
export const killSwitchPath = ({ account }: Of): string => `/${encodeURIComponent(account.account)}/kill-switch`;

/** Whether the kill switch is engaged, and everything that ever happened to it. */
export async function killSwitchPage(look: Look): Promise<PageContent> {
  const { account } = look.account;
  const standing = await killSwitchStanding(look.place, account);
  return {
    title: `Kill switch, ${account}`,
    here: null,
    command: `trading-ops kill-switch status${account === 'main' ? '' : ` --account ${account}`}`,
    main: listMain(`Kill switch of ${account}`, 'While it is engaged no ticket orders a trade.', [
      ...killSwitchBlocks(look, standing),
    ]),
  };
}

/** How it stands, what is left to do about it, and what happened to it. */
export function killSwitchBlocks(of: Of, standing: Standing): Block[] {
  const path = killSwitchPath(of);
  return [
    standing.engaged
      ? banner('bad', 'ENGAGED', standing.reason ?? '')
      : banner('good', 'Not engaged', 'The other gates decide.'),
    ...standing.waiting.map(waitingBlock),
    paragraph([
      standing.engaged ? link(`${path}/reset`, 'Let it trade again') : link(`${path}/engage`, 'Stop trading'),
    ]),
    ...(standing.events.length === 0
      ? []
      : [section('What happened to it, newest first', [table(HEADS, standing.events.toReversed().map(rowOf))])]),
  ];
}

const waitingBlock = ({ at, operator, reason }: KillSwitchStanding['waiting'][number]): Block =>
  banner('bad', 'Engaged by a file, not booked yet', `${ukTime(at)}, ${operator}: ${reason}`);

const HEADS = ['When', 'What', 'Who', 'Why'];

const rowOf = ({ at, event, operator, reason }: Standing['events'][number]): Text[] => [
  ukTime(at),
  toned(event === 'ENGAGED' ? 'bad' : 'good', event),
  operator,
  reason,
];
