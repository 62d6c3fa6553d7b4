import { forwardOnly } from '../migrations-support/document.js';

/**
 * What a company or broker does to a holding, as kinds of entries of their own; the chart gets an account for shares that become
 * others, and one for interest. An entry that splits a cost says by what fraction: the cost itself is known only when the journal
 * is read, for an opening's is the value of its date.
 */
const KINDS = [
  'OPENING', 'DEPOSIT', 'WITHDRAWAL', 'DIVIDEND', 'SPLIT', 'FEE', 'FILL', 'REVERSAL', 'BASELINE', 'RETURN_OF_CAPITAL', 'INTEREST',
  'RENAME', 'CASH_MERGER', 'STOCK_MERGER', 'SPIN_OFF', 'CASH_IN_LIEU', 'DELISTING',
];
const CHART = [
  'Assets:Cash', 'Assets:Units', 'Equity:Opening', 'Equity:Transfers', 'Equity:Trading', 'Equity:Splits', 'Equity:Reorganisations',
  'Income:Dividends', 'Income:Interest', 'Expenses:WithholdingTax', 'Expenses:Fees',
];
const listed = (names) => names.map((name) => `'${name}'`).join(', ');

export async function up(knex) {
  await knex.raw(`
    alter table journal_entries
      drop constraint journal_entries_kind_check,
      add constraint journal_entries_kind_check check (kind in (${listed(KINDS)})),
      add column cost_share numeric(12, 10),
      add constraint journal_entries_cost_share_check
        check (cost_share is null or (kind in ('SPIN_OFF', 'STOCK_MERGER') and cost_share between 0 and 1 and cost_share <> 'NaN'));
    alter table postings
      drop constraint postings_ledger_account_check,
      add constraint postings_ledger_account_check check (ledger_account in (${listed(CHART)}));
    comment on column journal_entries.cost_share is
      'Fraction of the cost of the old holding that leaves with the new shares (SPIN_OFF) or with the cash (STOCK_MERGER); null for others.';
    grant insert (cost_share) on journal_entries to trading_ops_app;
  `);
}

export const down = forwardOnly;
