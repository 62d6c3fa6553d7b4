import { acknowledgeForm } from './acknowledge.js';
import { acknowledgeTicketForm } from './acknowledge-ticket.js';
import { confirmForm } from './confirm.js';
import { executeForm } from './execute.js';
import type { Form } from './form.js';

/** Everything that is asked for at the desk by a form of its own. */
export const FORMS: readonly Form[] = [acknowledgeForm, acknowledgeTicketForm, confirmForm, executeForm];
