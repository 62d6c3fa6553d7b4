import { dayNumber, weekdayOf } from '../../../domain/dates.js';
import { commandOf, type Who } from '../../../reports/commands.js';
import { rulingInstant, type SimulatedDay } from '../../../simulation/run.js';
import { hasSpinnerRoom } from '../../kit/steps.js';

type OnDay = (day: SimulatedDay) => void;

const outcomeOf = ({ kind, codes, fills }: SimulatedDay): string =>
  kind === 'TRADE'
    ? `TRADE, ${fills.filter(({ executedStatus }) => executedStatus === 'DONE').length} of ${fills.length} lines filled`
    : [kind, codes.join(', ')].join(' ').trimEnd();

const lineOf = (day: SimulatedDay, done: number, total: number): string =>
  `${day.tradingDay} (${done}/${total}) ${outcomeOf(day)}; ` +
  (day.equity === null ? `no value, for want of ${day.lacking.join(', ')}` : `equity ${day.equity}`);

/**
 * Shows the days of a simulation on standard error while it runs: the day at hand on a terminal, one line a week
 * elsewhere. What a human would have to do is said at once, each thing once.
 */
export async function showDays<T>(who: Who, total: number, work: (onDay: OnDay) => Promise<T>): Promise<T> {
  const told = new Set<string>();
  const news = (day: SimulatedDay): string[] =>
    newsOf(day, who)
      .filter(({ key }) => !told.has(key) && told.add(key))
      .map(({ line }) => `${day.tradingDay}: ${line}`);
  if (!hasSpinnerRoom()) return inPipe(total, news, work);
  const { default: ora } = await import('ora');
  const spinner = ora({ text: 'Reading the market', stream: process.stderr }).start();
  let done = 0;
  try {
    return await work((day) => {
      for (const line of news(day)) spinner.warn(line).start();
      spinner.text = lineOf(day, ++done, total);
    });
  } finally {
    spinner.stop();
  }
}

function inPipe<T>(
  total: number,
  news: (day: SimulatedDay) => string[],
  work: (onDay: OnDay) => Promise<T>,
): Promise<T> {
  let done = 0;
  let week = -1;
  return work((day) => {
    done++;
    const monday = dayNumber(day.tradingDay) - weekdayOf(dayNumber(day.tradingDay));
    const lines = monday === week && done < total ? news(day) : [lineOf(day, done, total), ...news(day)];
    week = monday;
    for (const line of lines) process.stderr.write(`${line}\n`);
  });
}

/** What a human has to know of a day. The same ruling a day later is no news. */
const newsOf = ({ tradingDay, problems, needed }: SimulatedDay, who: Who): { key: string; line: string }[] => [
  ...problems.map((problem) => ({ key: problem, line: problem })),
  ...needed.map((ruling) => ({
    key: commandOf(ruling, who, null),
    line: commandOf(ruling, who, rulingInstant(tradingDay)),
  })),
];
