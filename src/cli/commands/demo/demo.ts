import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { execa } from 'execa';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultError } from '../../../domain/errors.js';
import { EXIT } from '../../kit/exit.js';
import { resolveAddresses } from '../../../runtime/addresses.js';
import { loadSettings } from '../../../runtime/settings.js';
import { installationPaths, repositoryRoot } from '../../../runtime/paths.js';
import type { StoredTicket } from '../../../db/tickets.js';
import { notedFills } from '../../../simulation/noted-fills.js';
import { answer } from '../../kit/context.js';
import { deskLink } from '../../kit/desk-link.js';

const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url));
const CASH = '10000.00';
/** The only one of the demonstration's policy. */
const OPERATOR = 'demo';

/** One command of the demonstration as an operator would type it. */
interface Step {
  say: string;
  args: string[];
  env?: Record<string, string>;
  /** Exit codes that the day expects; anything else stops the demonstration. */
  expect?: number[];
}

/** Two trading days: a Monday with a dry-run TRADE that is filled, and a Tuesday whose NO_TRADE is acknowledged. */
export async function runDemo(command: Command): Promise<void> {
  await answer(command.optsWithGlobals<{ json?: boolean }>().json ?? false, async () => {
    const dataDir = process.env['TRADING_OPS_DATA'] || path.join(os.tmpdir(), `trading-ops-demo-${os.userInfo().uid}`);
    const env = {
      ...process.env,
      // Whoever tries it may have named themselves for their own installation, whose policy is another.
      TRADING_OPS_OPERATOR: OPERATOR,
      TRADING_OPS_DATA: dataDir,
      TRADING_OPS_CONFIG: path.join(repositoryRoot, 'config', 'demo'),
    };
    const remedy = stoppedRemedy(dataDir, existsSync(installationPaths(dataDir).record));
    const type = (step: Step) => run(step, env, remedy);

    await type({ say: 'Start Postgres, Temporal, the worker and the desk.', args: ['up'] });
    await type({ say: 'Bring the schema up to date.', args: ['migrate'] });
    for (const step of monday) await type(step);
    const trade = await ticketOf('2018-05-07', env);
    const fills = await writeFills(trade, path.join(dataDir, 'fills.json'));
    await type({
      say: 'The operator executed the ticket by hand and reports the fills.',
      args: ['confirm-fills', '--ticket', trade.ticketId, '--at', '2018-05-07T15:20:00+01:00'],
      env: { FILLS_JSON: fills },
    });
    for (const step of tuesday) await type(step);
    const ticket = await ticketOf('2018-05-08', env);
    await type({ say: 'Recompute the ticket from stored facts.', args: ['ticket', 'verify', ticket.ticketId] });
    await type({ say: 'Prove the audit log.', args: ['audit', 'verify'] });

    const settings = loadSettings(env);
    const { temporalUiUrl } = resolveAddresses(settings);
    const { link } = await deskLink(settings, { operator: OPERATOR });
    return {
      exitCode: EXIT.done,
      data: { dataDir, temporalUiUrl, ticketId: ticket.ticketId, deskLink: link },
      lines: [
        'DEMO_PASS: two trading days of 2018 went through on real prices.',
        `Files:            ${path.join(dataDir, 'artifacts')} (run summaries, tickets, reports)`,
        `Temporal Web UI:  ${temporalUiUrl} (open trading-day/main/2018-05-07)`,
        `Commands on it:   TRADING_OPS_DATA=${dataDir} TRADING_OPS_CONFIG=${env.TRADING_OPS_CONFIG} make ledger-report`,
        'The stack is still up. Its desk, a link that lets in once, within ten minutes:',
        link,
      ],
      next: `TRADING_OPS_DATA=${dataDir} make down`,
    };
  });
}

const monday: Step[] = [
  {
    say: 'Monday 2018-05-07, 08:00: fetch end-of-day prices of Friday, check them, open the day.',
    args: ['run-0800', '--at', '2018-05-07T08:00:00+01:00'],
  },
  {
    say: "The operator reads the broker's figures; the first snapshot opens the ledger.",
    args: [
      'reconcile-daily',
      '--snapshot-date',
      '2018-05-07',
      '--cash',
      CASH,
      '--notes',
      'manual etoro snapshot',
      '--at',
      '2018-05-07T09:00:00+01:00',
    ],
  },
  {
    say: '14:00: every gate passes; the ticket is a dry-run TRADE.',
    args: ['run-1400', '--at', '2018-05-07T14:00:00+01:00'],
    env: { DRYRUN_TRADES: 'true' },
  },
];

const tuesday: Step[] = [
  { say: 'Tuesday 2018-05-08, 08:00.', args: ['run-0800', '--at', '2018-05-08T08:00:00+01:00'] },
  {
    say: 'The dry run left the ledger alone: the figures are the same.',
    args: [
      'reconcile-daily',
      '--snapshot-date',
      '2018-05-08',
      '--cash',
      CASH,
      '--notes',
      'manual etoro snapshot',
      '--at',
      '2018-05-08T09:00:00+01:00',
    ],
  },
  {
    say: '14:00: trading is off, as it is by default: the ticket is NO_TRADE.',
    args: ['run-1400', '--at', '2018-05-08T14:00:00+01:00'],
  },
  { say: 'The operator acknowledges; the day closes.', args: ['confirm', '--at', '2018-05-08T15:00:00+01:00'] },
  {
    say: 'What the account holds: the dry run left it alone.',
    args: ['ledger-report', '--at', '2018-05-08T15:00:00+01:00'],
  },
  {
    say: 'What the dry run would have come to: the paper book.',
    args: ['ledger-report', '--book', 'paper', '--at', '2018-05-08T15:00:00+01:00'],
  },
];

/** What to do about a step that failed. @param isUsed whether the folder had an installation before this one began */
export const stoppedRemedy = (dataDir: string, isUsed: boolean): string =>
  `TRADING_OPS_DATA=${dataDir} make logs` +
  (isUsed
    ? `; that folder is of an earlier demonstration, and what was done there since may stand in the way. ` +
      `To begin anew: TRADING_OPS_DATA=${dataDir} make down, then TRADING_OPS_DATA=${dataDir}-new make demo`
    : '');

async function run(
  { say, args, env: extra, expect = [EXIT.done] }: Step,
  env: NodeJS.ProcessEnv,
  remedy: string,
): Promise<void> {
  const shown = args.map((word) => (/[^\w./:=+-]/.test(word) ? `"${word}"` : word)).join(' ');
  const variables = Object.entries(extra ?? {})
    .map(([name, value]) => `${name}=${value} `)
    .join('');
  process.stdout.write(`\n# ${say}\n$ ${variables}./trading-ops ${shown}\n`);
  const { exitCode } = await execa(process.execPath, [MAIN, ...args], {
    env: { ...env, ...extra },
    stdio: 'inherit',
    reject: false,
  });
  if (!expect.includes(exitCode ?? EXIT.fault)) {
    throw faultError('DEMO_STOPPED', `${args[0]} ended with exit code ${exitCode}`, { remedy });
  }
}

/** By its day, for whoever types make demo again finds both tickets there. */
async function ticketOf(day: string, env: NodeJS.ProcessEnv): Promise<StoredTicket> {
  const { stdout } = await execa(process.execPath, [MAIN, 'tickets-last', '--limit', '10', '--json'], { env });
  const ticket = (JSON.parse(stdout) as StoredTicket[]).find(({ tradingDay }) => tradingDay === day);
  if (!ticket) throw faultError('DEMO_STOPPED', `no ticket of ${day} was issued`);
  return ticket;
}

async function writeFills(ticket: StoredTicket, file: string): Promise<string> {
  const fills = notedFills(ticket.material, '2018-05-07T14:41:00+01:00');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ fills }, null, 2)}\n`);
  return file;
}
