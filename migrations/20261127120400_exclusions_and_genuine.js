import { forwardOnly } from '../migrations-support/document.js';

/**
 * What a gate leaves out without stopping the day, beside the reasons that stop it; and that a human may rule a jump
 * of a price genuine, of which nobody published anything.
 */
export async function up(knex) {
  await knex.raw(`
    alter table gate_results add column exclusions jsonb
      constraint gate_results_exclusions_check check (jsonb_array_length(exclusions) > 0);
    comment on column gate_results.exclusions is 'As reasons: faults that leave one symbol out of the day; null: none.';
    grant insert (exclusions) on gate_results to trading_ops_app;

    alter table action_rulings drop constraint action_rulings_kind_check,
      drop constraint action_rulings_ruling_check, drop constraint action_rulings_value_check;
    alter table action_rulings
      add constraint action_rulings_kind_check check (kind in ('SPLIT', 'DIVIDEND', 'JUMP')),
      add constraint action_rulings_ruling_check check (ruling in ('cash_dividend', 'split', 'ignore', 'genuine')
        and (ruling = 'genuine') = (kind = 'JUMP')),
      add constraint action_rulings_value_check check ((ruling in ('ignore', 'genuine')) = (value is null)
        and coalesce(value > 0, true));
    comment on column action_rulings.kind is 'Kind as published; JUMP: a move of the price of which nothing was.';
    comment on column action_rulings.ruling is 'What it really was; genuine: the price moved so.';
  `);
}

export const down = forwardOnly;
