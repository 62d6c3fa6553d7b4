import { document, forwardOnly } from '../migrations-support/document.js';

/** What an alert is about, what it was raised on, and what became of it: delivered, acknowledged, recovered. */
export async function up(knex) {
  await knex.raw(`
    alter table alerts
      add column subject  text not null default '',
      add column evidence jsonb not null default '{}';
    create index alerts_series_idx on alerts (code, subject, account);
    create index alerts_recorded_idx on alerts (recorded_at);

    create table alert_events (
      event_key      text primary key,
      alert_id       uuid not null references alerts,
      kind           text not null constraint alert_events_kind_check
                     check (kind in ('RECOVERED', 'ACKNOWLEDGED', 'PLANNED', 'SENT', 'FAILED', 'GAVE_UP')),
      notice         text constraint alert_events_notice_check check (notice in ('ALERT', 'RECOVERY')),
      sink           text,
      attempt        integer constraint alert_events_attempt_check check (attempt > 0),
      operator       text,
      note           text not null,
      at             timestamptz not null,
      recorded_at    timestamptz not null default now(),
      constraint alert_events_delivery_check check ((kind in ('PLANNED', 'SENT', 'FAILED', 'GAVE_UP')) = (sink is not null and notice is not null)),
      constraint alert_events_operator_check check ((kind = 'ACKNOWLEDGED') = (operator is not null))
    );
    create index alert_events_alert_idx on alert_events (alert_id);
    create index alert_events_recorded_idx on alert_events (recorded_at);
    create trigger alert_events_append_only_trg before update or delete or truncate on alert_events
      for each statement execute function refuse_edit();
    grant select, insert on alert_events to trading_ops_app;
  `);
  await document(knex, {
    alerts: ['What a human must see, raised once while it lasts.', {
      alert_id: 'UUID v5 of account, code, subject and instant.', account: 'Account; null for what concerns the installation.', trading_day: 'Day.', code: 'Code of INCIDENTS.md.',
      subject: 'What it is about: the same code, account and subject is raised again only after it recovered.', message: 'What happened.', remedy: 'Where it says what to do.',
      evidence: 'Figures it was raised on.', dedupe_key: 'Account, code, subject, and how often that had recovered before.', raised_at: 'Instant, by the account\'s clock.', recorded_at: 'Insert time.' }],
    alert_events: ['What became of an alert; nothing of it is on the path of the day.', {
      event_key: 'What happens once is recorded once.', alert_id: 'Alert.', kind: 'RECOVERED, ACKNOWLEDGED, or of a delivery: PLANNED, SENT, FAILED, GAVE_UP.', notice: 'Of a delivery: the ALERT itself, or the notice of its RECOVERY.',
      sink: 'Of a delivery: the sink of the policy.', attempt: 'Of a delivery: which try.', operator: 'Who acknowledged.', note: 'Reason, what recovered, or the sink\'s answer without secrets.',
      at: 'Instant: of deliveries the machine\'s clock, otherwise the account\'s.', recorded_at: 'Insert time.' }],
  });
}

export const down = forwardOnly;
