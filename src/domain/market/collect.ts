import type { FetchOutcome } from '../decision/facts.js';
import type { IsoDate } from '../types.js';

/** A payload with more odd rows than this is described by the first ones. */
const FINDINGS_MAX = 20;

/** What of an answer's bars may be kept, by session, in the order in which they came. */
export interface CollectedBars<Kept> {
  bars: Map<IsoDate, Kept>;
  rowsRead: number;
  lastSession: IsoDate | null;
  findings: FetchOutcome['findings'];
}

/**
 * Decides what may be stored of one symbol's answer: sessions only, one bar a session, nothing after the as-of date.
 * Two bars of one session that say different figures are both left out.
 * @param isSame whether two bars have the same figures: 10.0 and 10 are.
 */
export function barCollector<Kept>({
  to,
  isSession,
  isSame,
}: {
  to: IsoDate;
  isSession(date: IsoDate): boolean;
  isSame(a: Kept, b: Kept): boolean;
}): { take(session: IsoDate, kept: () => Kept): void; collected(): CollectedBars<Kept> } {
  const bars = new Map<IsoDate, Kept>();
  const contradicted = new Set<IsoDate>();
  const findings: FetchOutcome['findings'] = [];
  let rowsRead = 0;
  const find = (code: FetchOutcome['findings'][number]['code'], session: IsoDate, message: string) => {
    if (findings.length < FINDINGS_MAX) findings.push({ code, session, message });
  };
  return {
    take(session, kept) {
      if (session > to) return;
      rowsRead += 1;
      const bar = kept();
      const before = bars.get(session);
      if (before === undefined && isSession(session)) bars.set(session, bar);
      else if (before === undefined)
        find('CLOSED_DAY_BAR', session, `a bar on ${session}, when the exchange was closed; left out`);
      else if (!isSame(before, bar) && !contradicted.has(session)) {
        contradicted.add(session);
        find('DUPLICATE_BAR', session, `two different bars on ${session}; neither is stored`);
      }
    },
    collected() {
      for (const session of contradicted) bars.delete(session);
      let lastSession: IsoDate | null = null;
      for (const session of bars.keys()) if (lastSession === null || session > lastSession) lastSession = session;
      return { bars, rowsRead, lastSession, findings };
    },
  };
}
