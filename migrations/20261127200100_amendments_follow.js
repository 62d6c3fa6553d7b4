import { forwardOnly } from '../migrations-support/document.js';

/**
 * An amendment takes the place of a confirmation that is there already. The foreign key is checked at a statement's end, so that
 * two confirmations, or one by itself, could amend each other in a circle: then none is in force, and the ticket counted as answered.
 */
export async function up(knex) {
  await knex.raw(`
    create or replace function refuse_superseded_confirmation() returns trigger language plpgsql security definer
      set search_path = pg_catalog, public, pg_temp as $$
    declare t record;
    begin
      select account, trading_day into t from public.tickets where ticket_id = new.ticket_id;
      perform pg_advisory_xact_lock(hashtextextended('ticket:' || t.account || t.trading_day, 0));
      if exists (select from public.tickets where supersedes_ticket_id = new.ticket_id) then
        raise exception 'ticket % is superseded and cannot be confirmed', new.ticket_id
          using errcode = 'check_violation', constraint = 'confirmations_live_ticket_check';
      end if;
      if new.amends_confirmation_id is not null
         and not exists (select from public.confirmations where confirmation_id = new.amends_confirmation_id) then
        raise exception 'confirmation % amends one that is not there', new.confirmation_id
          using errcode = 'check_violation', constraint = 'confirmations_amends_earlier_check';
      end if;
      return new;
    end $$;
  `);
}

export const down = forwardOnly;
