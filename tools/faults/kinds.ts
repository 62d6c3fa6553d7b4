/** What an operator's day consists of, in the order of the day. */
export type Step = 'morning' | 'reconcile' | 'afternoon' | 'confirm';
export const STEPS: readonly Step[] = ['morning', 'reconcile', 'afternoon', 'confirm'];

export type Part = 'worker' | 'temporal' | 'postgres';
/** A connection of the worker that goes through a proxy of the simulator. */
export type Line = 'postgres' | 'temporal' | 'provider';

/** What is wrong with the file of a symbol, or of the rate, on one morning. */
export type DataFault =
  | 'gone'
  | 'empty'
  | 'header only'
  | 'html'
  | 'limit text'
  | 'newest row missing'
  | 'cut in a line'
  | 'row twice'
  | 'row of the future'
  | 'columns swapped'
  | 'price zero'
  | 'high below low'
  | 'ten times the price'
  | 'newest row repeated'
  | 'old close changed';

/** How a provider over HTTP fails. */
export type ProviderFault = '403' | '429' | '500' | 'html' | 'redirect' | 'reset' | 'half an answer' | 'silence';

/** What somebody sends who should not, or what nobody should send. */
export type Forgery =
  | 'unsigned'
  | 'changed after it was signed'
  | 'not an object'
  | 'deep nonsense'
  | 'unknown operator'
  | 'unknown ticket'
  | 'ticket of yesterday'
  | 'no fills'
  | 'wrong side'
  | 'wrong symbol'
  | 'more than ordered'
  | 'negative units'
  | 'not a number'
  | 'too large a number'
  | 'comma for a point'
  | 'forty decimals'
  | 'line twice'
  | 'filled in the future'
  | 'snapshot of tomorrow'
  | 'negative cash';

/** One thing that goes wrong on a day. Milliseconds count from the moment at which its step is asked for. */
export type Fault =
  /** The files of a symbol are wrong for one morning and right again on the next. */
  | { kind: 'data'; symbol: string; what: DataFault }
  /** Where prices come over HTTP: so many of the morning's requests fail. */
  | { kind: 'provider'; step: 'morning'; what: ProviderFault; requests: number }
  /** The same message so many times at once. */
  | { kind: 'doubled'; step: Step; times: number }
  /** The same message again after it was answered. */
  | { kind: 'repeated'; step: Step }
  /** The message is also left as a signal, before or after. */
  | { kind: 'signalled'; step: 'reconcile' | 'confirm'; when: 'before' | 'after' }
  /** A step is asked for before another that should come first. */
  | { kind: 'early'; ask: 'afternoon' | 'reconcile'; step: Step }
  /** Asked for at first by a clock that is wrong by so many minutes. */
  | { kind: 'clock'; step: Step; minutes: number }
  | { kind: 'forged'; step: 'reconcile' | 'confirm'; what: Forgery; by: 'update' | 'signal' }
  /** A second snapshot while the ticket is decided. */
  | { kind: 'snapshot amended'; step: 'afternoon'; cash: 'same' | 'other'; afterMs: number }
  /** Yesterday's confirmation is amended while the ticket is decided, or today's after it was booked. */
  | { kind: 'amended'; step: 'afternoon' | 'confirm'; afterMs: number }
  /** The policy's file is changed, broken, or taken away during a step. */
  | { kind: 'policy edited'; step: Step; what: 'comment' | 'slippage' | 'broken' | 'gone'; afterMs: number }
  | { kind: 'killed'; parts: Part[]; step: Step; afterMs: number; downMs: number }
  | { kind: 'frozen'; part: Part; step: Step; afterMs: number; forMs: number }
  | { kind: 'cut'; line: Line; step: Step; afterMs: number; forMs: number }
  | { kind: 'blackhole'; line: Line; step: Step; afterMs: number; forMs: number; ends: 'resumes' | 'resets' }
  | { kind: 'disk full'; disk: 'files' | 'database'; step: Step; afterMs: number; forMs: number }
  /** The worker may open no further file or connection for a while. */
  | { kind: 'no files'; step: Step; afterMs: number; forMs: number }
  /** Parts are down at a slot for so many minutes of the account's clock. */
  | { kind: 'late'; parts: Part[]; slot: '0800' | '1400'; minutes: number }
  /** Nobody asks for a slot at all. */
  | { kind: 'missed'; slot: '0800' | '1400' }
  /** Nothing is up and nobody is there. */
  | { kind: 'away' }
  /** A worker of another version of the code works beside the first for the rest of the life. */
  | { kind: 'second version' };

/** A fault of a day; `id` is `<day>.<number>`, by which `--only` names it. */
export interface PlannedFault {
  id: string;
  /** Number of the day in the whole run, from 1. */
  day: number;
  fault: Fault;
}

/** A fault in a few words: `kill worker, postgres 120 ms into morning, back after 500 ms`. */
export function wordsOf(fault: Fault): string {
  switch (fault.kind) {
    case 'data':
      return `data of ${fault.symbol}: ${fault.what}`;
    case 'provider':
      return `the provider fails ${fault.requests} requests: ${fault.what}`;
    case 'doubled':
      return `${fault.step} asked for ${fault.times} times at once`;
    case 'repeated':
      return `${fault.step} asked for again after it was answered`;
    case 'signalled':
      return `${fault.step} left as a signal too, ${fault.when}`;
    case 'early':
      return `${fault.ask} asked for before ${fault.step}`;
    case 'clock':
      return `${fault.step} asked for first by a clock ${Math.abs(fault.minutes)} min ${fault.minutes < 0 ? 'behind' : 'ahead'}`;
    case 'forged':
      return `forged before ${fault.step}, by ${fault.by}: ${fault.what}`;
    case 'snapshot amended':
      return `another snapshot with ${fault.cash} cash ${fault.afterMs} ms into afternoon`;
    case 'amended':
      return fault.step === 'afternoon'
        ? `yesterday's confirmation amended ${fault.afterMs} ms into afternoon`
        : "today's confirmation amended after it was booked";
    case 'policy edited':
      return `policy.yml ${fault.what} ${fault.afterMs} ms into ${fault.step}`;
    case 'killed':
      return `kill ${fault.parts.join(', ')} ${fault.afterMs} ms into ${fault.step}, back after ${fault.downMs} ms`;
    case 'frozen':
      return `freeze ${fault.part} ${fault.afterMs} ms into ${fault.step} for ${fault.forMs} ms`;
    case 'cut':
      return `cut the worker off ${fault.line} ${fault.afterMs} ms into ${fault.step} for ${fault.forMs} ms`;
    case 'blackhole':
      return `blackhole between worker and ${fault.line} ${fault.afterMs} ms into ${fault.step} for ${fault.forMs} ms, then it ${fault.ends}`;
    case 'disk full':
      return `disk of the ${fault.disk} full ${fault.afterMs} ms into ${fault.step} for ${fault.forMs} ms`;
    case 'no files':
      return `the worker may open no file ${fault.afterMs} ms into ${fault.step} for ${fault.forMs} ms`;
    case 'late':
      return `${fault.parts.join(', ')} down at ${fault.slot}, back ${fault.minutes} min later`;
    case 'missed':
      return `nobody asks for ${fault.slot}`;
    case 'away':
      return 'nothing is up all day';
    case 'second version':
      return 'a worker of another version joins';
  }
}
