import { troubledDeliveries } from '../db/alert-deliveries.js';
import { listAlerts } from '../db/alerts.js';
import { isAtLeast, severityOf } from '../domain/alerts/codes.js';
import { alertsOf, secretNames, sinkName } from '../domain/policy/alerts.js';
import { fail, ok, warn, type Check } from './finding.js';
import { workerOf } from './worker-environment.js';

const open: Check = {
  name: 'alerts',
  expected: 'none open',
  async examine(patient) {
    // A TRADE ticket that waits for its window is told too, and nothing is wrong with it.
    const alerts = (await listAlerts(await patient.db(), { state: 'OPEN' })).filter(({ code }) =>
      isAtLeast(severityOf(code), 'warning'),
    );
    const [newest] = alerts;
    return newest
      ? fail(
          `${alerts.length} open, newest ${newest.code}: ${newest.message}`,
          'trading-ops alerts-last, then what docs/INCIDENTS.md says of its code',
        )
      : ok('none');
  },
};

const sinks: Check = {
  name: 'alert sinks',
  expected: "somebody is told, and every secret is in the worker's environment",
  async examine(patient) {
    const { sinks: wanted, ping_url } = alertsOf(await patient.policy());
    if (wanted.length === 0)
      return warn(
        'only files: nobody hears of an alert who does not look',
        'list a sink under alerts: in policy.yml, then: trading-ops alerts test',
      );
    const has = workerOf(patient)?.env ?? patient.env;
    const missing = [...new Set(wanted.flatMap(secretNames))].filter((name) => !has[name]);
    if (missing.length > 0)
      return fail(`not set: ${missing.join(', ')}`, `export ${missing[0]}=…, then: make down, make up`);
    const names = wanted.map(sinkName).join(', ');
    return ping_url === null
      ? warn(`${names}; no ping_url: nobody is told when this machine stops`, 'set alerts.ping_url in policy.yml')
      : ok(names);
  },
};

const MINUTE_MS = 60_000;
/** A first attempt and its retries take so long at most before somebody should look. */
const WAITING_MAX_MINUTES = 15;
const GAVE_UP_DAYS = 7;

const deliveries: Check = {
  name: 'alert delivery',
  expected: `every alert taken by its sinks within ${WAITING_MAX_MINUTES} minutes`,
  async examine(patient) {
    const ago = (minutes: number) => new Date(patient.now().getTime() - minutes * MINUTE_MS).toISOString();
    const troubled = await troubledDeliveries(await patient.db(), {
      plannedBefore: ago(WAITING_MAX_MINUTES),
      gaveUpSince: ago(GAVE_UP_DAYS * 24 * 60),
    });
    if (troubled.length === 0) return ok('none waits, none was given up this week');
    return troubled.map(({ sink, waiting, gaveUp }) => ({
      of: sink,
      ...fail(
        `${waiting} waiting, ${gaveUp} given up this week`,
        'trading-ops alerts test, which shows what each sink answers',
      ),
    }));
  },
};

export const alertChecks: Check[] = [open, sinks, deliveries];
