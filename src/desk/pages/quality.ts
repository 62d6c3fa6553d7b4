import { newestQuality } from '../../operations/market/newest-quality.js';
import { qualityDocument } from '../../reports/quality/page.js';
import type { Look, PageContent } from '../look.js';
import { documentMain, listMain } from '../view/document.js';

/** What the newest run that judged prices found. */
export async function qualityPage({ place }: Look): Promise<PageContent> {
  const found = await newestQuality(place.db);
  return {
    title: 'Data quality',
    here: '/quality',
    command: 'trading-ops data-quality',
    main:
      found === null
        ? listMain('Data quality', 'No run has judged prices yet.', [])
        : documentMain(qualityDocument(found)),
  };
}
