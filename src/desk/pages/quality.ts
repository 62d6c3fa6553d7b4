import { newestQuality } from '../../operations/market/newest-quality.js';
import { link, paragraph, section, type Block, type Span } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import { qualityDocument } from '../../reports/quality/page.js';
import type { Look, PageContent } from '../look.js';
import { documentMain, listMain } from '../view/document.js';
import { onHoldBlocks } from '../view/on-hold.js';

/** What the newest run that judged prices found, what waits for a ruling, and the way to each symbol. */
export async function qualityPage(look: Look): Promise<PageContent> {
  const { place, universe } = look;
  const [found, onHold] = [await newestQuality(place.db), await onHoldBlocks(look)];
  const symbols = universe.map(({ internalSymbol }) => internalSymbol);
  return {
    title: 'Data quality',
    here: '/quality',
    command: 'trading-ops data-quality',
    main:
      (found === null
        ? listMain('Data quality', 'No run has judged prices yet.', onHold)
        : documentMain(qualityDocument(found), renderBlocks(onHold))) + renderBlocks(symbolLinks(symbols)),
  };
}

const symbolLinks = (symbols: readonly string[]): Block[] =>
  symbols.length === 0
    ? []
    : [
        section('Prices of each symbol', [
          paragraph(
            symbols.flatMap((symbol, index): Span[] => [
              index === 0 ? '' : ' · ',
              link(`/quality/${encodeURIComponent(symbol)}`, symbol),
            ]),
          ),
        ]),
      ];
