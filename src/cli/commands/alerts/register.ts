import type { Command } from 'commander';
import { DEFAULTS } from '../../../contract/defaults.js';
import { withAccount, withAsking } from '../../kit/options.js';

/** alerts-last, and alerts: what a human must see, who was told, and whether telling works. */
export function registerAlerts(program: Command): void {
  withAccount(program.command('alerts-last'))
    .description('the newest alerts, with what became of them and who was told')
    .option('--limit <n>', `how many (default: ${DEFAULTS.alertsOfAccount})`)
    .action(async (_flags: object, command: Command) => (await import('./list.js')).alertsLast(command));
  const alerts = program.command('alerts').description('what a human must see: list, acknowledge, test the sinks');
  alerts
    .command('list')
    .description('alerts of every account, newest first')
    .option('--open', 'only those that neither recovered nor were acknowledged')
    .option('--limit <n>', `how many (default: ${DEFAULTS.alertsOfAll})`)
    .action(async (_flags: object, command: Command) => (await import('./list.js')).alertsList(command));
  withAsking(alerts.command('ack'))
    .description('record that you have seen an alert, and why it may rest')
    .argument('<alert-id>', 'its id, or the first eight characters of it')
    .option('--reason <text>', 'why it may rest; required')
    .action(async (alertId: string, _flags: object, command: Command) =>
      (await import('./acknowledge.js')).acknowledge(alertId, command),
    );
  alerts
    .command('test')
    .description(
      'send a test alert to every sink and show what each answered: exit 2 when one did not take it, or none is there',
    )
    .action(async (_flags: object, command: Command) => (await import('./try-sinks.js')).testAlerts(command));
}
