import type { Subject } from './entry.js';

/** What the data-quality gate says (docs/RULES.md 2.2). */
export const data: Subject = {
  id: 'data',
  title: 'Prices',
  saidBy: 'the data-quality gate',
  layout: 'sections',
  codes: {
    DATA_MISSING: {
      happened: 'A symbol has no bar at all, or one is missing between others.',
      check: 'Is the file in the drop folder, and is the symbol right at the provider (renamed, delisted)?',
      remedy:
        'No bar at all: `make market-fetch`, or a file in the drop folder. One missing among others: ' +
        '`make market-fetch -- --symbol <SYMBOL> --full`, for a plain fetch asks only for what is new.',
      more: 'Then `make data-quality`. A symbol that is gone for good: `enabled` to `false` in `universe.csv`, once it is not held any more.',
    },
    DATA_STALE: {
      happened: 'The newest bar is older than the session that is due by the calendar.',
      check: "Usually the provider is late, or the csv files are yesterday's.",
      remedy: 'Fetch again with `make market-fetch` once the provider has published the session that is due.',
      more: 'Then `make data-quality`.',
    },
    COVERAGE_LOW: {
      happened:
        'Fewer than 98 % of the enabled stocks have a good bar, and more than one has none or one is held. The reasons ' +
        'beside it name them.',
      check:
        'When all are missing, suspect the provider, its key or the network: `make market-fetch` says how each symbol fared.',
      remedy: 'Fetch the missing symbols again with `make market-fetch`; what is named beside it has its own remedy.',
    },
    BENCHMARK_MISSING: {
      happened: 'SPY, QQQ or another enabled benchmark has no bar of the as-of date.',
      remedy: 'Fetch the benchmark again with `make market-fetch`.',
    },
    FX_MISSING: {
      happened: 'There is no exchange rate of the as-of date, or none of the day a dividend is booked for.',
      check:
        'The ECB publishes at about 16:00 Frankfurt time and not on 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December; ' +
        "when New York was open on such a day, that day's prices have no rate and the next day trades again.",
      remedy:
        'Fetch again with `make market-fetch` once the rate of the as-of date is published; a rate is never invented.',
    },
    ADJ_CLOSE_MISSING: {
      happened: 'No adjusted series could be computed for a symbol, so that it cannot be scored.',
      remedy: 'Fetch the whole history of the symbol again, with its splits and dividends.',
      more: '`make market-fetch -- --symbol <SYMBOL> --full`',
    },
    BAR_INVALID: {
      happened:
        'A bar cannot be true: high below low, open or close outside, a price of 0 or less, negative volume, a date without a session.',
      remedy:
        'Compare the bar with a second source; once the provider has corrected it, ' +
        '`make market-fetch -- --symbol <SYMBOL> --full`.',
      more: 'Mend the csv file where there is one, then fetch so.',
    },
    PRICE_JUMP_UNEXPLAINED: {
      happened: 'A close moved by more than 35 % and no split or dividend explains it.',
      check: 'Look the company up: a split that nobody published, a genuine move, or a wrong bar?',
      remedy:
        'Rule on it, once for the whole look-back: a genuine move with ' +
        '`./trading-ops actions rule --symbol <SYMBOL> --ex-date <date> --as genuine --reason "…"`; a split that nobody ' +
        'published with `--kind split --as split --value <ratio>`. Fetching again cures only a wrong bar.',
      more:
        '`make actions -- list --on-hold` shows it with the closes around it. A wrong bar, once the provider has corrected ' +
        'it: `make market-fetch -- --symbol <SYMBOL> --full`. A second source (`market_data.second_provider`) that shows ' +
        'the same move and no split clears it by itself. ' +
        'Of a stock that is neither held nor a benchmark it only leaves that stock out.',
    },
    ACTION_NEEDS_REVIEW: {
      happened:
        'A split or dividend is out of proportion and is on hold until a human has ruled on it, as the 567.97 USD "dividend" that hid ' +
        "GOOGL's share distribution of 2014. Also said when such an action is to be booked.",
      check: '`make actions -- list --on-hold` shows it; the runbook has the [rulings](RUNBOOK.md#holds-and-rulings).',
      remedy: 'Decide what the split or dividend really was, and rule on it with the command under "Held for review".',
      next: 'trading-ops actions list --on-hold',
    },
    BAR_REPEATED: {
      happened: 'A provider gave the same bar for two sessions running: probably an old answer sent again.',
      check: 'Compare with another source.',
      remedy:
        'Fetch again later, for the provider repeated an old bar: `make market-fetch -- --symbol <SYMBOL> --full`.',
    },
    DUPLICATE_BAR: {
      happened: 'One answer held two different bars for one date.',
      check: 'The raw file stands under `data/market/<provider>/<date>/`.',
      remedy: "Look at the provider's answer: it gave two different bars for one date.",
      more:
        'Remove the wrong line from the csv, or wait for the provider; then ' +
        '`make market-fetch -- --symbol <SYMBOL> --full`.',
    },
    SOURCES_DISAGREE: {
      happened: 'The closes of the two sources differ by more than 0.5 %.',
      check: 'The exchange or the company says which is right.',
      remedy:
        'Find out which source is right; once the other has corrected its bar, ' +
        '`make market-fetch -- --symbol <SYMBOL> --full`.',
    },
    SYMBOL_MISMATCH: {
      happened:
        'The answer names another instrument than the one asked for: another symbol, currency or exchange. Or its ' +
        'closes move on most days otherwise than those that are stored. Nothing of it was stored.',
      check:
        'The message names both. A file saved under the wrong name, or a symbol that the provider gives to ' +
        'another company?',
      remedy: 'Save the right file under the name, or correct the symbol in universe.csv; then `make market-fetch`.',
      more: 'Where it is what is stored that is of another instrument: `make market-fetch -- --symbol <SYMBOL> --full`.',
    },
    BAR_FILLER: {
      happened:
        'The newest bar has no volume and one price, the last close, though the stock trades on every ' +
        'session: the provider filled a gap.',
      remedy: 'Fetch again with `make market-fetch` once the provider has the real bar.',
      more: 'With csv: download the file again. What volume tells: [the drop folder](DROP_FOLDER.md#volumes).',
    },
    ADJUSTMENT_UNEXPLAINED: {
      happened:
        "The provider's own adjusted close moves otherwise than its close, and no known split or dividend " +
        'explains it: it knows of an action that it did not tell.',
      check: 'Look the company up: a split, a spin-off or a special dividend on that date?',
      remedy:
        'Find out what happened on that date and rule on it with `trading-ops actions rule`; then `make data-quality`.',
      more:
        '`make actions -- list --on-hold` shows it with the closes around it. A split: `./trading-ops actions rule --symbol <SYMBOL> --ex-date <date> --kind split --as split ' +
        '--value <ratio> --reason "…"`. ' +
        'A dividend that nobody told: `--kind dividend --as cash_dividend --value <cash a share>`. ' +
        'Nothing at all, the adjusted close is wrong: `--as genuine`.',
    },
    HISTORY_RESTATED: {
      happened:
        'The provider offers other prices than those stored for the same sessions, by a factor, and its ' +
        'answer does not reach back to all that is looked at. ' +
        'Stored as it is, the series would have a seam; nothing of the answer was stored.',
      check: 'Usually a split or dividend was put into the old prices after it happened.',
      remedy:
        'Bring the whole history: a file that reaches back a year, then `make market-fetch -- --symbol ' +
        '<SYMBOL> --full`.',
    },
    FX_INVALID: {
      happened:
        "A rate cannot be true (not above 0, outside its own day's range), or the answer with the day's rate " +
        'breaks off or cannot be read.',
      check: 'The message names the file or provider and the line.',
      remedy: 'Download the rates again, then `make market-fetch`; a rate is never invented.',
    },
    FX_JUMP_UNEXPLAINED: {
      happened:
        'A rate moved by more than 10 % from one published day to the next, and no second source shows the same.',
      check: 'Another source of the same day: the ECB, the Bank of England, your broker.',
      remedy:
        'Have the rate put right and fetch again; where it is true, rule on it, once for the whole look-back: ' +
        '`./trading-ops actions rule --symbol GBPUSD --ex-date <date> --as genuine --reason "…"`.',
      more: '`make actions -- list --on-hold` shows it with the rates around it. With `second_fx_provider` in the policy a second source that agrees settles it by itself.',
    },
    FX_DUPLICATE: {
      happened: 'One answer held two different rates for one date; neither is stored.',
      remedy: 'Remove the wrong line from the file, or wait for the provider; then `make market-fetch`.',
    },
  },
};
