import { newestQuality } from '../../operations/market/newest-quality.js';
import { renderBlocks } from '../../reports/render/html.js';
import { qualityDocument } from '../../reports/quality/page.js';
import type { Look, PageContent } from '../look.js';
import { documentMain, listMain } from '../view/document.js';
import { onHoldBlocks } from '../view/on-hold.js';

/** What the newest run that judged prices found. */
export async function qualityPage(look: Look): Promise<PageContent> {
  const [found, onHold] = [await newestQuality(look.place.db), await onHoldBlocks(look)];
  return {
    title: 'Data quality',
    here: '/quality',
    command: 'trading-ops data-quality',
    main:
      found === null
        ? listMain('Data quality', 'No run has judged prices yet.', onHold)
        : documentMain(qualityDocument(found), renderBlocks(onHold)),
  };
}
