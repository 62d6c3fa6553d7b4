import { document, forwardOnly } from '../migrations-support/document.js';

/** What providers said: payloads, bars and their revisions, rates, actions, and what humans ruled. */
export async function up(knex) {
  await knex.raw(`
    create table payloads (
      payload_id     bigint generated always as identity primary key,
      run_id         uuid not null references runs,
      provider       text not null,
      kind           text not null constraint payloads_kind_check check (kind in ('eod', 'actions', 'fx')),
      symbol         text not null,
      request        text not null,
      retrieved_at   timestamptz not null,
      sha256         text not null constraint payloads_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
      bytes          bigint not null constraint payloads_bytes_check check (bytes >= 0),
      path           text not null,
      recorded_at    timestamptz not null default now()
    );
    create unique index payloads_run_request_uniq on payloads (run_id, provider, kind, symbol, sha256);
    create table fetch_results (
      run_id         uuid not null references runs,
      provider       text not null,
      kind           text not null constraint fetch_results_kind_check check (kind in ('eod', 'fx')),
      symbol         text not null,
      status         text not null constraint fetch_results_status_check check (status in ('OK', 'FAILED')),
      code           text,
      message        text,
      rows_read      integer not null default 0,
      rows_new       integer not null default 0,
      rows_revised   integer not null default 0,
      last_session   date,
      findings       jsonb not null default '[]',
      recorded_at    timestamptz not null default now(),
      primary key (run_id, provider, kind, symbol),
      constraint fetch_results_failed_check check ((status = 'FAILED') = (code is not null))
    );
    create index fetch_results_newest_idx on fetch_results (provider, kind, symbol, recorded_at desc);
    create table bars (
      source         text not null,
      symbol         text not null,
      session        date not null,
      basis          text not null constraint bars_basis_check check (basis in ('raw', 'split', 'split+dividend')),
      currency       text not null,
      open           numeric not null,
      high           numeric not null,
      low            numeric not null,
      close          numeric not null,
      volume         numeric not null,
      adj_close      numeric,
      payload_sha256 text not null,
      retrieved_at   timestamptz not null,
      recorded_at    timestamptz not null default now(),
      primary key (source, symbol, session),
      constraint bars_finite_check check ('NaN' not in (open, high, low, close, volume))
    );
    create table bar_revisions (
      revision_id    bigint generated always as identity primary key,
      source         text not null,
      symbol         text not null,
      session        date not null,
      prior          jsonb not null,
      revised        jsonb not null,
      replaced_at    timestamptz not null default now()
    );
    create index bar_revisions_bar_idx on bar_revisions (source, symbol, session);
    create function record_bar_revision() returns trigger language plpgsql security definer set search_path from current as $$
    begin
      if (old.source, old.symbol, old.session) is distinct from (new.source, new.symbol, new.session) then
        raise exception 'a bar keeps its source, symbol and session';
      end if;
      insert into bar_revisions (source, symbol, session, prior, revised)
      values (old.source, old.symbol, old.session,
              to_jsonb(old) - '{source,symbol,session}'::text[], to_jsonb(new) - '{source,symbol,session}'::text[]);
      return new;
    end $$;
    create trigger bars_revision_trg before update on bars for each row execute function record_bar_revision();
    create table fx_rates (
      fx_rate_id     bigint generated always as identity primary key,
      source         text not null,
      pair           text not null constraint fx_rates_pair_check check (pair ~ '^[A-Z]{6}$'),
      date           date not null,
      rate           numeric not null constraint fx_rates_rate_check check (rate > 0 and rate <> 'NaN'),
      payload_sha256 text not null,
      retrieved_at   timestamptz not null,
      recorded_at    timestamptz not null default now()
    );
    create unique index fx_rates_source_pair_date_rate_uniq on fx_rates (source, pair, date, rate);
    create table corporate_actions (
      action_id      bigint generated always as identity primary key,
      source         text not null,
      symbol         text not null,
      ex_date        date not null,
      kind           text not null constraint corporate_actions_kind_check check (kind in ('SPLIT', 'DIVIDEND')),
      value          numeric not null constraint corporate_actions_value_check check (value > 0 and value <> 'NaN'),
      published      text not null,
      currency       text,
      payload_sha256 text not null,
      retrieved_at   timestamptz not null,
      recorded_at    timestamptz not null default now()
    );
    create unique index corporate_actions_value_uniq on corporate_actions (source, symbol, ex_date, kind, value);
    create table action_rulings (
      ruling_id      bigint generated always as identity primary key,
      symbol         text not null,
      ex_date        date not null,
      kind           text not null constraint action_rulings_kind_check check (kind in ('SPLIT', 'DIVIDEND')),
      ruling         text not null constraint action_rulings_ruling_check check (ruling in ('cash_dividend', 'split', 'ignore')),
      value          numeric,
      reason         text not null constraint action_rulings_reason_check check (btrim(reason) <> ''),
      operator       text not null,
      ruled_at       timestamptz not null,
      recorded_at    timestamptz not null default now(),
      constraint action_rulings_value_check check ((ruling = 'ignore') = (value is null) and coalesce(value > 0, true))
    );
    create index action_rulings_action_idx on action_rulings (symbol, ex_date, kind, ruling_id desc);
  `);
  const provenance = { payload_sha256: 'Payload it was read from.', retrieved_at: 'When the payload was received.', recorded_at: 'Insert or update time.' };
  await document(knex, {
    payloads: ['Raw answers of providers, kept immutable on disk.', {
      payload_id: 'Order of recording.', run_id: 'Run that asked.', provider: 'Provider name.', kind: 'eod, actions or fx.', symbol: 'Internal symbol or currency pair.',
      request: 'What was asked, secrets redacted.', retrieved_at: 'When it was received.', sha256: 'SHA-256 of the bytes.', bytes: 'Size.',
      path: 'File below the data directory.', recorded_at: 'Insert time.' }],
    fetch_results: ['How each symbol fared in each fetch.', {
      run_id: 'Run.', provider: 'Provider.', kind: 'eod or fx.', symbol: 'Internal symbol or pair.', status: 'OK or FAILED.', code: 'Failure code.', message: 'Failure in words.',
      rows_read: 'Bars or rates read.', rows_new: 'Stored for the first time.', rows_revised: 'Differing from what was stored.', last_session: 'Newest date read.',
      findings: 'Oddities the quality gate looks at, such as DUPLICATE_BAR.', recorded_at: 'Insert time.' }],
    bars: ['Newest end-of-day bar of each source, symbol and session; an update records a revision by itself.', {
      source: 'Provider.', symbol: 'Internal symbol.', session: 'NYSE session.', basis: 'Price basis of open to close.', currency: 'Listing currency.',
      open: 'Price a share.', high: 'Price a share.', low: 'Price a share.', close: 'Price a share.', volume: 'Shares.', adj_close: 'The provider\'s own adjusted close.', ...provenance }],
    bar_revisions: ['What a bar said before a provider restated it.', {
      revision_id: 'Order of recording.', source: 'Provider.', symbol: 'Internal symbol.', session: 'NYSE session.', prior: 'Row before.', revised: 'Row after.', replaced_at: 'When.' }],
    fx_rates: ['FX rates; for one date the newest row counts.', {
      fx_rate_id: 'Order of recording.', source: 'Provider.', pair: 'GBPUSD: dollars a pound.', date: 'Date of the rate.', rate: 'Second currency for one of the first.', ...provenance }],
    corporate_actions: ['Splits and dividends as published; for one source, symbol, date and kind the newest row counts.', {
      action_id: 'Order of recording.', source: 'Provider.', symbol: 'Internal symbol.', ex_date: 'Ex-date.', kind: 'SPLIT or DIVIDEND.',
      value: 'New shares per old share, or cash a share; repeating decimals of whole ratios cleaned.', published: 'The figure as published.', currency: 'Of a dividend.', ...provenance }],
    action_rulings: ['What a human ruled about an action held for review; the newest counts.', {
      ruling_id: 'Order of recording.', symbol: 'Internal symbol.', ex_date: 'Ex-date.', kind: 'Kind as published.', ruling: 'What it really was.', value: 'Cash a share or shares per share.',
      reason: 'Why.', operator: 'Who.', ruled_at: 'When, by the account\'s clock.', recorded_at: 'Insert time.' }],
  });
}

export const down = forwardOnly;
