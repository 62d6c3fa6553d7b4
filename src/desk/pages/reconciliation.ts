import { resultOrThrow } from '../../domain/errors.js';
import type { StoredExplanation } from '../../domain/reconciliation/proposal.js';
import { dayAt } from '../../operations/accounts/clock.js';
import { readReconciliation, type ReadReconciliation } from '../../operations/day/read-reconciliation.js';
import { commandOfExplanation } from '../../reports/commands.js';
import { linkOfExplanation } from '../../reports/links.js';
import type { ReconciliationFacts } from '../../reports/reconciliation/facts.js';
import { explanationText, reconciliationDocument } from '../../reports/reconciliation/page.js';
import { banner, card, link, paragraph, type Block } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Look, PageContent } from '../look.js';
import { nothingWaits, type Waiting } from '../mail.js';
import { documentMain, listMain } from '../view/document.js';
import { keptBlocks, waitsAt } from '../view/kept.js';
import { proposalWay } from '../view/proposal-way.js';
import { LOOK_AGAIN } from '../view/waits.js';

/** A comparison as it is stored, with what would explain it, each the way to a form of its own. */
export async function reconciliationPage(look: Look): Promise<PageContent> {
  const { place, account, params, query } = look;
  const read = await readReconciliation(place.db, account.account, params['reconciliationId'] ?? '');
  const base = `/${encodeURIComponent(account.account)}`;
  // Whoever left a message is led here before it is handled.
  if (!read.ok && query['kept'] === 'yes') {
    const waits = await waitsAt(place, dayAt(account, look.at));
    if (!nothingWaits(waits)) return keptPage(look, base, waits);
  }
  const facts = resultOrThrow(read);
  const document = reconciliationDocument(facts, perhapsCard, facts.after?.status === 'PASS');
  return {
    title: `RECONCILIATION_${facts.status}, ${account.account}`,
    here: null,
    command: `trading-ops render reconciliation ${facts.reconciliationId}`,
    main: documentMain(document, renderBlocks(wayOn(facts, base))),
  };
}

/** What is done now: figures that differ are read again once they are explained; a later comparison counts. */
const wayOn = ({ status, reconciliationId, after }: ReadReconciliation, base: string): Block[] => [
  ...(after === null
    ? []
    : [
        banner(after.status === 'PASS' ? 'good' : 'warn', 'Compared again since', [
          link(`${base}/reconciliations/${after.reconciliationId}`, `RECONCILIATION_${after.status}`),
          `, ${ukTime(after.at)}`,
        ]),
      ]),
  paragraph(
    status === 'PASS' || after?.status === 'PASS'
      ? [link(`${base}/today`, 'Go on to today')]
      : [
          link(`${base}/reconcile?again=${reconciliationId}`, 'Reconcile again with the same figures'),
          ', when what explains them is booked; or ',
          link(`${base}/reconcile`, 'read every figure anew'),
          '.',
        ],
  ),
];

/** One thing that would explain it, and the form that books it: nothing is booked from here. */
function perhapsCard(each: StoredExplanation, { evidence, account, clock, at }: ReconciliationFacts): Block[] {
  const href = linkOfExplanation(each, account);
  const command = commandOfExplanation(each, { account, clock }, at);
  return [
    card('warn', `Perhaps: ${each.kind}`, [
      paragraph(explanationText(each, evidence.baseCurrency)),
      ...proposalWay(href, command),
    ]),
  ];
}

/** What is told while no worker has handled the message. */
function keptPage({ account }: Look, base: string, waits: Waiting): PageContent {
  return {
    title: `Kept, ${account.account}`,
    here: null,
    command: 'make up',
    main:
      listMain('Kept until a worker is back', '', [
        ...keptBlocks(waits, account),
        paragraph('This page shows what came of it as soon as the figures are compared.'),
        paragraph([link(`${base}/today`, 'Today')]),
      ]) + LOOK_AGAIN,
  };
}
