import { link, paragraph, table } from '../../reports/render/document.js';
import { BOOKING_KINDS } from '../forms/booking-kinds.js';
import { ledgerPath } from '../forms/entry-path.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';

/** What may be booked by hand, each kind with its form. */
export async function bookPage(look: Look): Promise<PageContent> {
  const base = `/${encodeURIComponent(look.account.account)}`;
  const kinds = BOOKING_KINDS.map(({ kind, title, what }) => [[link(`${base}/book/${kind}`, title)], what]);
  return {
    title: `Book, ${look.account.account}`,
    here: ledgerPath(look),
    command: 'trading-ops ledger --help',
    main: listMain(
      `Book what happened at eToro, ${look.account.account}`,
      'Each is shown before it is booked, and can be taken back on the page of its entry.',
      [
        table(['Kind', 'When'], kinds),
        paragraph([
          'What no booking explains is set right by a ',
          link(`${base}/baseline`, 'baseline'),
          ', with a reason.',
        ]),
      ],
    ),
  };
}
