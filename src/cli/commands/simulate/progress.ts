import { dayNumber, weekdayOf } from '../../../domain/dates.js';
import type { SimulatedDay } from '../../../simulation/run.js';
import { hasSpinnerRoom } from '../../kit/steps.js';

type OnDay = (day: SimulatedDay) => void;

const outcomeOf = ({ kind, codes, fills }: SimulatedDay): string =>
  kind === 'TRADE' ? `TRADE, ${fills.filter(({ executedStatus }) => executedStatus === 'DONE').length} of ${fills.length} lines filled` : [kind, codes.join(', ')].join(' ').trimEnd();

const lineOf = (day: SimulatedDay, done: number, total: number): string =>
  `${day.tradingDay} (${done}/${total}) ${outcomeOf(day)}; equity ${day.equity}`;

/**
 * Shows the days of a simulation on standard error while it runs: the day at hand on a terminal, one line a week
 * elsewhere. What a human would have to do is said at once, each thing once.
 */
export async function showDays<T>(total: number, work: (onDay: OnDay) => Promise<T>): Promise<T> {
  const told = new Set<string>();
  const news = (day: SimulatedDay): string[] => [...day.problems, ...day.needed]
    .filter((line) => !told.has(keyOf(line)) && told.add(keyOf(line))).map((line) => `${day.tradingDay}: ${line}`);
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

function inPipe<T>(total: number, news: (day: SimulatedDay) => string[], work: (onDay: OnDay) => Promise<T>): Promise<T> {
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

/** The same command a day later is no news. */
const keyOf = (line: string): string => line.replace(/ --at \S+$/, '');
