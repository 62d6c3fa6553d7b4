import type { RulingChoice, RulingLook } from '../../operations/market/preview-ruling.js';
import type { RulingEffect } from '../../domain/market/ruling-effect.js';
import {
  banner,
  facts,
  paragraph,
  section,
  table,
  toned,
  type Block,
  type Text,
} from '../../reports/render/document.js';
import { grouped, ukTime, units } from '../../reports/render/format.js';

/*
 * What is known of a split, dividend or jump that waits for a ruling, and what each ruling would do to history and to
 * holdings.
 */

/** What was published of the date, and the jump of it. */
export function knownBlocks({ published, jump }: RulingLook): Block[] {
  const rows = published.map(({ kind, dividendType, value, currency, held }): [string, Text] => [
    `${kind.toLowerCase()}${dividendType === undefined ? '' : `, ${dividendType.replaceAll('_', ' ')}`}`,
    [`${value} ${currency ?? ''}`.trim(), ...(held === null ? [] : [' ', toned('warn', `on hold: ${held}`)])],
  ]);
  const moved: [string, Text][] =
    jump === null || rows.length > 0
      ? []
      : [['Jump', `${jump.closeBefore} to ${jump.close}, ${percent(jump.move)} that nothing published explains`]];
  return rows.length + moved.length === 0
    ? [banner('plain', 'Nothing was published of this date, and the price does not jump')]
    : [facts([...rows, ...moved])];
}

const percent = (move: number): string => `${move > 0 ? '+' : '−'}${Math.abs(move * 100).toFixed(1)} %`;

/** Everything that was ruled before, which all stays on record. */
export const earlierBlocks = ({ earlier }: Pick<RulingLook, 'earlier'>): Block[] =>
  earlier.length === 0
    ? []
    : [
        section('Ruled before, oldest first', [
          table(
            ['When', 'Who', 'As', 'Figure#', 'Why'],
            earlier.map(({ ruledAt, operator, ruling, value, reason }) => [
              ukTime(ruledAt),
              operator,
              WORDS[ruling],
              value ?? '',
              reason,
            ]),
          ),
          paragraph('The newest counts.'),
        ]),
      ];

const WORDS: Record<RulingChoice['as'], string> = {
  cash_dividend: 'cash dividend',
  split: 'split',
  ignore: 'ignored',
  genuine: 'genuine',
};

/** What each ruling would do: in words, to units, and to the closes around the date. */
export function choiceBlocks(look: RulingLook): Block[] {
  const possible = look.choices.flatMap(({ as, value, outcome }) =>
    outcome.ok ? [{ title: titleOf(as, value), effect: outcome.result, says: outcome.result.says }] : [],
  );
  const others = look.choices.flatMap(({ as, outcome }): [string, string][] =>
    outcome.ok ? [] : [[WORDS[as], outcome.refusal.message]],
  );
  return [
    section('What each ruling would do', [
      facts(possible.map(({ title, says }): [string, string] => [title, says])),
      ...(others.length === 0 ? [] : [facts(others.map(([word, why]): [string, string] => [`${word}: no`, why]))]),
      ...holdingsTable([{ title: 'as it counts now', effect: look.now }, ...possible]),
      ...closesTable(look, [{ title: 'Now', effect: look.now }, ...possible]),
    ]),
  ];
}

const titleOf = (as: RulingChoice['as'], value: string | null): string =>
  value === null ? WORDS[as] : `${WORDS[as]} ${value}`;

interface Titled {
  title: string;
  effect: RulingEffect;
}

/** What one ruling does, beside what counts now. */
export const effectBlocks = (look: RulingLook, chosen: RulingEffect): Block[] => {
  const both = [
    { title: 'as it counts now', effect: look.now },
    { title: 'as you rule', effect: chosen },
  ];
  return [...holdingsTable(both), ...closesTable(look, both)];
};

function holdingsTable(under: readonly Titled[]): Block[] {
  const rows = under.flatMap(({ title, effect }) =>
    effect.holdings.map(({ account, before, from, cash }): Text[] => [
      account,
      title,
      units(before),
      units(from),
      cash === '0' ? '' : grouped(cash, 2),
    ]),
  );
  return rows.length === 0
    ? [paragraph('No account holds it: no units change.')]
    : [table(['Account', 'Under', 'Units before#', 'Units from then on#', 'Dividends before tax#'], rows)];
}

function closesTable({ bars }: RulingLook, under: readonly Titled[]): Block[] {
  if (bars.length === 0) return [paragraph('There is no price around this date.')];
  return [
    table(
      ['Session', 'Close#', ...under.map(({ title }) => `Adjusted, ${title}#`)],
      bars.map(({ session, close }, index): Text[] => [
        session,
        close,
        ...under.map(({ effect }) => adjustedText(effect.adjusted[index])),
      ]),
    ),
  ];
}

const adjustedText = (close: number | null | undefined): string =>
  close === null || close === undefined ? 'none' : close.toFixed(4);
