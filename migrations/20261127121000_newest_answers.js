import { forwardOnly } from '../migrations-support/document.js';

/**
 * The newest answer counts, also when it returns to an earlier value: what was said before may be said again, so nothing is unique by
 * its value any more. Actions of one answer, symbol, ex-date and kind come together and replace what an earlier answer told of that
 * date as a whole: `answer` says which rows came together. A file without a volume column has no volume, which is not the same as 0.
 */
export async function up(knex) {
  await knex.raw(`
    drop index fx_rates_source_pair_date_rate_uniq;
    create index fx_rates_newest_idx on fx_rates (source, pair, date, fx_rate_id desc);
    drop index corporate_actions_value_uniq;
    create index corporate_actions_newest_idx on corporate_actions (source, symbol, ex_date, kind, action_id desc);
    alter table corporate_actions add column answer bigint;
    grant insert (answer) on corporate_actions to trading_ops_app;
    alter table bars alter column volume drop not null;
    comment on table corporate_actions is 'Splits and dividends as published; for one source, symbol, date and kind the rows of the newest answer count.';
    comment on column corporate_actions.answer is 'Number that the rows of one answer share; null for a row that stands alone.';
    comment on column bars.volume is 'Shares; null where the source gives no volume (earlier versions stored 0).';
  `);
}

export const down = forwardOnly;
