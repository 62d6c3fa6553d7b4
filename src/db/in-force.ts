/** That a confirmation `c` is in force: the end of its chain of amendments. */
export const CONFIRMATION_IN_FORCE = `not exists (select from confirmations n where n.amends_confirmation_id = c.confirmation_id)`;

/** That a statement `s` counts: it was not withdrawn, or its file was imported again since. */
export const STATEMENT_IN_FORCE = `coalesce((
  select v.event from statement_events v where v.statement_id = s.statement_id order by v.seq desc limit 1
), 'READMITTED') <> 'WITHDRAWN'`;
