import { resultOrThrow } from '../../domain/errors.js';
import { listAlerts, type ListedAlert } from '../../operations/alerts/list.js';
import {
  card,
  facts,
  link,
  paragraph,
  section,
  type Block,
  type Text,
  type Tone,
} from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { csvText } from '../../reports/render/csv.js';
import { ALL_ROWS } from '../csv.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';

const TONES: Record<ListedAlert['state'], Tone> = { OPEN: 'bad', ACKNOWLEDGED: 'plain', RECOVERED: 'good' };

/** So many of each are shown; the file has all. */
const SHOWN = '100';

/** Alerts, the open ones first. */
export async function alertsPage({ place, account: { account } }: Look): Promise<PageContent> {
  const [open, all] = await Promise.all([
    listAlerts(place.db, { open: true, limit: SHOWN }),
    listAlerts(place.db, { limit: SHOWN }),
  ]);
  const waiting = resultOrThrow(open);
  const over = resultOrThrow(all).filter(({ state }) => state !== 'OPEN');
  return {
    title: waiting.length === 0 ? 'Alerts' : `Alerts, ${waiting.length} open`,
    here: '/alerts',
    command: 'trading-ops alerts list',
    main: listMain('Alerts', 'Those that wait for somebody first; then the newest that are over.', [
      paragraph([
        link('/alerts.csv', 'All alerts as CSV'),
        ' · ',
        link(`/${encodeURIComponent(account)}/alerts/test`, 'Send a test alert'),
      ]),
      section(
        `Open (${waiting.length})`,
        waiting.length === 0 ? [paragraph('No alert is open.')] : waiting.map((each) => cardOf(each, account)),
      ),
      ...(over.length === 0
        ? []
        : [
            section(
              'Over',
              over.map((each) => cardOf(each, account)),
            ),
          ]),
    ]),
  };
}

const restOf = ({ alertId }: ListedAlert, account: string): [string, Text] => [
  'Rest it',
  [link(`/${encodeURIComponent(account)}/alerts/${alertId}/acknowledge`, 'Acknowledge')],
];

const cardOf = (alert: ListedAlert, account: string): Block =>
  card(TONES[alert.state], `${alert.code} (${alert.state})`, [
    ...alert.message.split('\n').map((line) => paragraph(line)),
    facts([
      ['What to do', alert.remedy],
      ['Raised', ukTime(alert.raisedAt)],
      ['Account', alert.account ?? 'the installation'],
      ['Severity', alert.severity],
      ['Told to', toldOf(alert)],
      ...whereOf(alert),
      ...(alert.state === 'OPEN' ? [restOf(alert, account)] : []),
    ]),
  ]);

/** The page where it is dealt with, unless that is this one. */
const whereOf = ({ page }: ListedAlert): [string, Text][] =>
  page === '/alerts' ? [] : [['Deal with it', [link(page, 'Go to its page')]]];

const toldOf = ({ deliveries }: ListedAlert): string =>
  deliveries.map(({ sink, kind, at }) => `${sink}: ${kind} ${ukTime(at)}`).join('; ') || 'nobody yet';

/** Every alert as CSV, newest first. */
export async function alertsCsv({ place }: Look): Promise<string> {
  const alerts = resultOrThrow(await listAlerts(place.db, { limit: ALL_ROWS }));
  return csvText([
    [
      'raised_at',
      'code',
      'state',
      'severity',
      'account',
      'trading_day',
      'subject',
      'message',
      'remedy',
      'told',
      'alert',
    ],
    ...alerts.map((alert) => [
      alert.raisedAt,
      alert.code,
      alert.state,
      alert.severity,
      alert.account,
      alert.tradingDay,
      alert.subject,
      alert.message,
      alert.remedy,
      alert.deliveries.map(({ sink, kind, at }) => `${sink} ${kind} ${at}`).join('; '),
      alert.alertId,
    ]),
  ]);
}
