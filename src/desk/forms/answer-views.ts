import type { DraftContent } from '../../domain/confirmation/draft.js';
import { D, toText } from '../../domain/money.js';
import type { AnswerCash, AnswerForm } from '../../operations/day/answer-form.js';
import { figureTyped, type AnswerPreview } from '../../operations/day/fills-form.js';
import type { UnprovedAnswer } from '../../operations/day/unproved-answers.js';
import { slippage } from '../../reports/day/fills.js';
import {
  banner,
  code,
  link,
  paragraph,
  section,
  table,
  toned,
  type Block,
  type Span,
} from '../../reports/render/document.js';
import { money, price, ukTime, units, withUkTimes } from '../../reports/render/format.js';
import { cashSentence, fillLines, fillSentences } from '../../reports/ticket/fill-sentences.js';
import { namesOf } from '../../reports/ticket/answered.js';
import { halfSigned, notCounted } from '../../reports/ticket/not-counted.js';
import { differs, LOOK_FIRST } from '../../reports/ticket/page.js';
import type { Sitting } from '../sitting.js';
import { isAnswerKept, keptBlocks, waitsForTicket } from '../view/kept.js';
import { ticketPath } from './send-answer.js';

/** What is shown of a ticket beside its form: that it rehearses, what became of it, and what is about to be booked. */

/** Said on every page on which a rehearsal is answered. */
export const rehearsal = ({ ticket }: AnswerForm): Block[] =>
  ticket.dryRun
    ? [banner('warn', 'DRY RUN', 'A rehearsal: place no order with real money. The fills go to the paper book.')]
    : [];

/** What is to be known before the first order: that trading is stopped, and on which figures the ticket rests. */
export const beforeOrders = ({
  stands,
  warnings,
  answer,
  ticket,
}: Pick<AnswerForm, 'stands' | 'warnings' | 'answer'> & {
  ticket: Pick<AnswerForm['ticket'], 'account' | 'ticketId'>;
}): Block[] =>
  answer !== null
    ? []
    : [
        ...(stands === 'groundless' ? [differs(ticket.ticketId)] : []),
        ...(stands === 'stopped'
          ? [
              banner(
                'bad',
                'Trading is stopped: place nothing more',
                'The kill switch is engaged. What was placed before is reported all the same; the rest is SKIPPED.',
              ),
            ]
          : []),
        // Where nothing is to be placed there is no first order to look before.
        ...(stands === 'groundless' ? [] : lookFirst(warnings, ticket)),
      ];

/** What a ticket rests on where that is not of its day, with the way to the figures of today. */
export const lookFirst = (warnings: readonly string[], { account }: { account: string }): Block[] =>
  warnings.length === 0
    ? []
    : [
        banner('warn', LOOK_FIRST, [
          `${warnings.join(' ')} `,
          link(`/${encodeURIComponent(account)}/reconcile`, 'Reconcile'),
        ]),
      ];

/** Another ticket took the place of this one: both side by side. */
export function supersededBlocks(sitting: Sitting, { ticket, live }: AnswerForm): Block[] {
  if (live === null || live.ticketId === ticket.ticketId) return [];
  const of = (each: typeof ticket) => (index: number) => {
    const line = each.material.lines[index];
    return line ? `${line.side} ${line.valueBase ?? `${units(line.units ?? '0')} units`} ${line.symbol}` : '';
  };
  const count = Math.max(ticket.material.lines.length, live.material.lines.length);
  const reasons = (each: typeof ticket) => [...new Set(each.reasons.map(({ code }) => code))].join(', ');
  return [
    banner('bad', 'Another ticket took the place of this one', [
      `${live.kind}, issued ${ukTime(live.issuedAt)}: `,
      link(ticketPath(sitting, live.ticketId), 'read it'),
      ', and answer that one.',
    ]),
    table(
      ['', 'This ticket', 'The one that stands'],
      [
        ['Kind', ticket.kind, live.kind],
        ['Reasons', reasons(ticket), reasons(live)],
        ...Array.from({ length: count }, (_, index) => [`Line ${index + 1}`, of(ticket)(index), of(live)(index)]),
      ],
    ),
  ];
}

/** That an answer waits for a worker, or an amendment of one: nobody gives another meanwhile. */
export async function keptInstead(
  sitting: Sitting,
  { ticket: { account, tradingDay, ticketId }, answer }: AnswerForm,
): Promise<Block[] | null> {
  const waits = await waitsForTicket(sitting.place, { account, tradingDay, ticketId }, answer !== null);
  if (!isAnswerKept(waits, ticketId)) return null;
  return [...keptBlocks(waits, sitting.account), paragraph([link(ticketPath(sitting, ticketId), 'The ticket')])];
}

/** What was reported, beside what stands in the form: for whoever comes second with other fills. */
export function bothAnswers({ answer, lines }: AnswerForm, typed: readonly DraftContent[]): Block[] {
  if (answer === null) return [];
  const rows = lines.map(({ line }, index) => {
    const fill = answer.fills.find(({ sequence }) => sequence === line.sequence);
    const mine = typed[index] ?? {};
    return [
      `${line.sequence}. ${line.side} ${line.symbol}`,
      fill ? said(fill.executedStatus, [fill.units, fill.fillPrice, fill.executedValueBase], fill.notes) : '',
      said(mine.executed_status, [mine.units, mine.fill_price, mine.executed_value_base], mine.notes),
    ];
  });
  const whose = `${answer.operator}, ${ukTime(answer.confirmedAt)}`;
  return [section(`What ${answer.operator} reported, and what you typed`, [table(['Line', whose, 'You'], rows)])];
}

type Said = string | null | undefined;

/** A line in few words, the same whether it was typed or stored: figures alike, however many zeros they end in. */
const said = (status: Said, figures: readonly Said[], notes: Said): string =>
  [status, ...figures.map(figureAlike), notes].filter((part) => part).join(' · ');

/** A figure without the zeros that say nothing; what is none as it was typed. */
function figureAlike(typed: Said): Said {
  if (!typed) return typed;
  const read = figureTyped('units', typed);
  return 'rule' in read ? typed : toText(D(read.figure));
}

/**
 * That an answer is booked, and counts at the gate once another person has signed it.
 * @param path where that is
 * @param what the answer, where the page is not of its ticket
 */
export const secondSignature = (path: string, unproved: UnprovedAnswer, operator: string | null, what = 'It'): Block =>
  banner('warn', `${what} waits for the signature of another person`, [
    `${halfSigned(unproved)} `,
    ...(unproved.waits?.includes(operator ?? '')
      ? ["Another person's is wanted."]
      : [link(path, 'Look at it, and sign too')]),
  ]);

/** That it is answered, and whether that is all, or another person is still to sign it. */
export const hasAnswer = (answer: NonNullable<AnswerForm['answer']>): Block => {
  const whose = `${namesOf(answer.operator, answer.signers)}, ${ukTime(answer.confirmedAt)}`;
  return answer.isWaitingForSigner
    ? banner('warn', 'It has its answer, and waits for the signature of another person', `${whose}. ${NOT_BEFORE}`)
    : banner('good', 'It has its answer', whose);
};
const NOT_BEFORE = 'It counts at the 14:00 gate once another person has signed the same with a key of their own.';

/** Whether another person's signature is wanted, and this one has not signed. */
export const maySignToo = ({ who }: Sitting, { answer }: AnswerForm): boolean =>
  answer !== null && answer.isWaitingForSigner && !answer.signers.includes(who.session.operator ?? '');

/** That whoever sits there cannot be the second to sign before they have a key of their own; null where they can. */
export const keyFirst = ({ who }: Sitting, { answer, lackingKey }: AnswerForm): Block | null =>
  answer?.isWaitingForSigner && lackingKey.includes(who.session.operator ?? '')
    ? banner('warn', 'Make a key of your own first', ['It waits for the signature of another person: ', ...A_KEY])
    : null;

/** That another person has to sign too what is answered first; nothing where one is enough. */
export const severalSign = ({ who }: Sitting, { answer, signaturesNeeded, lackingKey }: AnswerForm): Block[] =>
  answer !== null || signaturesNeeded === 1
    ? []
    : [
        banner('plain', `${signaturesNeeded} people sign it`, [
          'The answer counts at the 14:00 gate once another person has signed the same, each with a key of their own. ',
          ...(lackingKey.includes(who.session.operator ?? '') ? ['You have none yet: ', ...A_KEY] : []),
        ]),
      ];

const A_KEY: readonly Span[] = [
  link('/settings/passkey', 'make a passkey'),
  ', or ',
  code('trading-ops operator key new'),
  '.',
];

/** That the same was said before: sent again it is the same answer, and the second signature where two are wanted. */
export const saidBefore = ({ answer, ticket }: AnswerForm): Block[] =>
  answer === null
    ? []
    : [
        banner(
          'plain',
          `${answer.operator} ${ticket.kind === 'TRADE' ? 'reported' : 'acknowledged'} the same`,
          answer.isWaitingForSigner
            ? `${ukTime(answer.confirmedAt)}. It waits for the signature of another person: yours, when you send it.`
            : `${ukTime(answer.confirmedAt)}. Sent again it changes nothing.`,
        ),
      ];

/** That an answer does not count, and what it says; nothing of one that does. */
export const unprovedBlocks = (form: AnswerForm): Block[] =>
  form.answer === null || form.answer.unproved === null
    ? []
    : [
        banner('bad', 'TICKET_UNCONFIRMED', notCounted(form.answer.unproved)),
        section(
          `What stands in the name of ${form.answer.operator}, ${ukTime(form.answer.confirmedAt)}`,
          form.answer.fills.length === 0
            ? [paragraph('No fills are stored with it.')]
            : answerSentences(form).map((sentence) => paragraph(sentence)),
        ),
      ];

/** What an answer that counts reported, as the journal has it; an amendment takes it back. */
export const answerSentences = ({ answer, ticket }: AnswerForm): string[] =>
  answer === null
    ? []
    : fillSentences(
        answer.fills.map(({ symbol, ...fill }) => ({ ...fill, internalSymbol: symbol })),
        [],
        ticket.material,
        null,
      );

/** What an amendment takes back, and what becomes of the cash by that. */
export function takenBack({ answer, ticket: { material } }: AnswerForm, cash: AnswerCash | null): Block[] {
  const fills = (answer?.fills ?? []).map(({ symbol, ...fill }) => ({ ...fill, internalSymbol: symbol }));
  if (fills.length === 0)
    return [
      paragraph(
        `Nothing is booked of what stands in the name of ${answer?.operator ?? 'nobody'}: nothing is taken back.`,
      ),
    ];
  const said = [...fillLines(fills, [], material), cashSentence(fills, material, cash?.now ?? null, true)];
  return [
    section(
      `Taken back: what ${answer?.operator ?? 'nobody'} reported`,
      said.map((sentence) => paragraph(sentence)),
    ),
  ];
}

/**
 * What is about to be booked, to be read once more: a sentence a line, what becomes of the cash, and what differs. Of
 * an answer that is booked already nothing becomes of the cash.
 */
export function reviewBlocks(
  { ticket, of, answer }: AnswerForm,
  { fills, deviations }: AnswerPreview,
  { amend, cash }: { amend: boolean; cash: AnswerCash | null },
): Block[] {
  const before = answer === null || amend ? (cash?.before ?? null) : null;
  const { baseCurrency } = of;
  const rows = of.lines.map((line) => {
    const fill = fills.find(({ sequence }) => sequence === line.sequence);
    const ordered = line.valueBase === null ? `${units(line.units ?? '0')} units` : money(line.valueBase, baseCurrency);
    return [
      `${line.sequence}. ${line.side} ${line.symbol}`,
      ordered,
      fill?.executedValueBase ? money(fill.executedValueBase, baseCurrency) : '–',
      price(line.referencePrice, line.referenceCurrency),
      fill?.fillPrice ? price(fill.fillPrice, line.referenceCurrency) : '–',
      fill?.fillPrice ? slippage(fill.fillPrice, line) : '–',
    ];
  });
  const left = fills.filter(({ executedStatus }) => executedStatus !== 'DONE').length;
  return [
    ...fillSentences(fills, deviations, ticket.material, before).map((sentence) => paragraph(sentence)),
    section('Beside the ticket', [
      table(['Line', 'Ordered#', 'Paid#', 'Reference#', 'Price#', 'Slippage#'], rows),
      ...(left === 0
        ? []
        : [
            banner(
              'warn',
              `${left} of ${of.lines.length} not executed as ordered`,
              'It stays so: nothing is ordered in its place.',
            ),
          ]),
      ...deviations.map(({ sequence, value, text }) =>
        banner('warn', `Line ${sequence} departs from the ticket`, [toned('warn', withUkTimes(value)), ` ${text}`]),
      ),
    ]),
  ];
}
