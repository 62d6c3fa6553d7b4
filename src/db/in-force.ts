/** That a confirmation `c` is in force: the end of its chain of amendments. */
export const CONFIRMATION_IN_FORCE = `not exists (select from confirmations n where n.amends_confirmation_id = c.confirmation_id)`;
