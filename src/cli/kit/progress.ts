import { hasSpinnerRoom } from './steps.js';

/** Shows on a terminal that something is under way; says nothing in a pipe, where only the answer belongs. */
export async function withProgress<T>(text: string, action: () => Promise<T>): Promise<T> {
  if (!hasSpinnerRoom(process.stderr)) return action();
  const { default: ora } = await import('ora');
  const spinner = ora({ text, stream: process.stderr }).start();
  try {
    return await action();
  } finally {
    spinner.stop();
  }
}
