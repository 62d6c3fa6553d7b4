import { forwardOnly } from '../migrations-support/document.js';

/**
 * Several dividends of one ex-date live side by side: regular, special, return of capital. Published rows say which
 * they are where their source does; a ruling says which one it is about.
 */
export async function up(knex) {
  await knex.raw(`
    alter table corporate_actions
      add column dividend_type text,
      add constraint corporate_actions_dividend_type_check
        check (dividend_type is null or (kind = 'DIVIDEND' and dividend_type in ('regular', 'special', 'return_of_capital')));
    alter table action_rulings
      add column dividend_type text not null default 'regular',
      add constraint action_rulings_dividend_type_check
        check (dividend_type in ('regular', 'special', 'return_of_capital') and (kind = 'DIVIDEND' or dividend_type = 'regular'));
    drop index action_rulings_action_idx;
    create index action_rulings_action_idx on action_rulings (symbol, ex_date, kind, dividend_type, ruling_id desc);
    grant insert (dividend_type) on corporate_actions, action_rulings to trading_ops_app;
    comment on column corporate_actions.dividend_type is
      'Which of several dividends of one ex-date, where the source says it: regular, special or return_of_capital.';
    comment on column action_rulings.dividend_type is 'Which of several dividends of one ex-date was ruled on.';
  `);
}

export const down = forwardOnly;
