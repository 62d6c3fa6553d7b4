import { resultOrThrow } from '../../domain/errors.js';
import { listActions } from '../../operations/market/list-actions.js';
import { link, section, table, type Block, type Text } from '../../reports/render/document.js';
import type { Look } from '../look.js';

/** Splits, dividends and jumps that wait for a ruling, each with the way to rule on it. */
export async function onHoldBlocks({ place, account, at, policy, universe }: Look): Promise<Block[]> {
  const { actions } = resultOrThrow(await listActions(place.db, { policy, universe }, { at }));
  const rows = actions.flatMap((one): Text[][] => {
    const { symbol, exDate, kind } = one;
    const why = one.kind === 'JUMP' ? jumpText(one) : one.held;
    if (why === null) return [];
    const type = one.kind === 'JUMP' ? {} : { ...(one.dividendType && { type: one.dividendType }) };
    const asked = new URLSearchParams({ symbol, exDate, kind, ...type });
    const path = `/${encodeURIComponent(account.account)}/actions/rule?${asked.toString()}`;
    return [[symbol, exDate, kind.toLowerCase(), why, link(path, 'Rule on it')]];
  });
  return rows.length === 0
    ? []
    : [section('Waits for a ruling', [table(['Symbol', 'Date', 'What', 'Why', 'Ruling'], rows)])];
}

const jumpText = (jump: {
  onHold: boolean;
  closeBefore: string;
  close: string;
  stopsTheDay: boolean;
}): string | null =>
  jump.onHold
    ? `${jump.closeBefore} to ${jump.close}; ${jump.stopsTheDay ? 'it stops the day' : 'it leaves the symbol out'}`
    : null;
