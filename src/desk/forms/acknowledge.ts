import { flagWords } from './typed-command.js';
import { acknowledgeAlertSchema } from '../../contract/alert-acknowledgement.js';
import { parseInput } from '../../contract/reading.js';
import { resultOrThrow } from '../../domain/errors.js';
import { acknowledgeAlert } from '../../operations/alerts/acknowledge.js';
import { alertAskedFor } from '../../operations/alerts/asked-for.js';
import { facts, paragraph, type Block } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Sitting } from '../sitting.js';
import { fieldsBody } from './fields.js';
import type { Field, Form, Typed } from './form.js';

const FIELDS: readonly Field[] = [{ kind: 'text', name: 'reason', label: 'Why it may rest' }];

/** Says that an alert was seen, and why it may rest. */
export const acknowledgeForm: Form = {
  path: '/:account/alerts/:alertId/acknowledge',
  fields: FIELDS,
  isOfAccount: true,
  isSigned: true,
  title: () => 'Acknowledge an alert',
  here: () => '/alerts',
  isCommandTyped: true,
  command: ({ params }, { reason = '' }) =>
    ['trading-ops alerts ack', params['alertId'], ...flagWords('reason', reason || '<why it may rest>')].join(' '),
  body: async (sitting, typed, trouble) => renderBlocks(await about(sitting)) + fieldsBody(FIELDS, typed, trouble),
  async check(sitting, typed) {
    const { reason } = parseInput(acknowledgeAlertSchema, inputOf(sitting, typed));
    return { blocks: [...(await about(sitting)), facts([['Why it may rest', reason]])], button: 'Acknowledge' };
  },
  async commit(sitting, typed) {
    const input = inputOf(sitting, typed);
    resultOrThrow(await acknowledgeAlert(sitting.place, sitting.asker(typed['at']), input));
    return '/alerts';
  },
};

const inputOf = ({ account: { account }, params }: Sitting, { reason = '' }: Typed) => ({
  account,
  alertId: params['alertId'] ?? '',
  reason,
});

async function about({ place, params }: Sitting): Promise<Block[]> {
  const { code, message, raisedAt } = await alertAskedFor(place.db, params['alertId'] ?? '');
  return [
    facts([
      ['Alert', code],
      ['Raised', ukTime(raisedAt)],
    ]),
    ...message.split('\n').map((line) => paragraph(line)),
  ];
}
