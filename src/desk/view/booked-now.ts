import { banner, link, type Block } from '../../reports/render/document.js';
import type { Look } from '../look.js';

/** Says what was booked just now, and what follows from it. */
export function bookedNow({ query: { booked: entry }, account }: Look): Block[] {
  if (entry === undefined) return [];
  if (!/^\d{1,15}$/.test(entry)) return [banner('plain', 'The ledger already says this', 'Nothing was booked.')];
  return [
    banner('good', `Entry ${entry} books this`, [
      'The newest snapshot counts no longer: ',
      link(`/${encodeURIComponent(account.account)}/reconcile`, 'reconcile again'),
      '.',
    ]),
  ];
}
