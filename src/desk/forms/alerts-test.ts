import { sinksOf, trySinks } from '../../operations/alerts/try-sinks.js';
import { within } from '../../operations/within.js';
import { banner, facts, paragraph } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Form } from './form.js';

/** Somebody waits so long for the sinks; what they said later stands with the alert. */
const WAITS_MS = 5_000;

/** Sends a test alert the whole way, by one button. */
export const alertsTestForm: Form = {
  path: '/:account/alerts/test',
  isDirect: true,
  checkButton: 'Send a test alert',
  title: () => 'Test the alerts',
  here: () => '/alerts',
  command: () => 'trading-ops alerts test',
  async body({ policy }) {
    const sinks = sinksOf(policy.alerts);
    return renderBlocks([
      sinks.length === 0
        ? banner('warn', 'No sink is configured, so nobody is told', 'Name one under alerts.sinks in policy.yml.')
        : facts([['It goes to', sinks.join(', ')]]),
      paragraph('One attempt each; the list of alerts says what became of it.'),
    ]);
  },
  check: async () => ({ blocks: [], button: '' }),
  commit(sitting) {
    const { place, policy } = sitting;
    sitting.asker();
    return place.mail.with(async (post) => {
      await post.assertServed();
      const { client, taskQueue } = post;
      await within(WAITS_MS, trySinks({ db: place.db, client, taskQueue, now: () => place.now() }, policy.alerts));
      return '/alerts';
    });
  },
};
