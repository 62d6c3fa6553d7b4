import type { Progress } from '../../runtime/parts.js';

/** How often a step that only counts up (a build) may add a line where there is no terminal. */
const REPEAT_MS = 30_000;

/**
 * Runs work of several steps and shows them on standard error: a spinner that ticks each step off on a terminal, plain
 * lines elsewhere. Lines that begin alike are the same step, further on.
 */
export async function showSteps<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
  return hasSpinnerRoom() ? onTerminal(work) : asLines(work);
}

/** A terminal that does not say how wide it is (0 columns: `script`, some containers) makes the spinner erase lines for ever. */
export function hasSpinnerRoom(stream: NodeJS.WriteStream = process.stderr): boolean {
  return stream.isTTY && stream.columns > 0;
}

async function onTerminal<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
  const { default: ora } = await import('ora');
  const spinner = ora({ stream: process.stderr });
  const progress: Progress = (line) => {
    if (spinner.isSpinning && stepOf(line) !== stepOf(spinner.text)) spinner.succeed();
    if (spinner.isSpinning) spinner.text = line;
    else spinner.start(line);
  };
  try {
    const result = await work(progress);
    if (spinner.isSpinning) spinner.succeed();
    return result;
  } catch (error) {
    if (spinner.isSpinning) spinner.fail();
    throw error;
  }
}

function asLines<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
  const last = { step: '', at: 0 };
  return work((line) => {
    const now = Date.now();
    if (stepOf(line) === last.step && now - last.at < REPEAT_MS) return;
    Object.assign(last, { step: stepOf(line), at: now });
    process.stderr.write(`${line}\n`);
  });
}

function stepOf(line: string): string {
  return line.slice(0, 24);
}
