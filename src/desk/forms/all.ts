import { pagesOf } from '../next.js';
import { acknowledgeForm } from './acknowledge.js';
import { acknowledgeTicketForm } from './acknowledge-ticket.js';
import { confirmForm } from './confirm.js';
import { executeForm } from './execute.js';
import { alertsTestForm } from './alerts-test.js';
import { backupForm, restoreTestForm } from './backup.js';
import { baselineForm } from './baseline.js';
import { bookingForms } from './booking.js';
import { closeForms } from './close-sessions.js';
import type { Field, Form } from './form.js';
import { importStatementForm } from './import-statement.js';
import { reconcileForm } from './reconcile.js';
import { resetForm, stopForm } from './kill-switch.js';
import { reverseForm } from './reverse.js';
import { ruleForm } from './rule.js';
import { runForm } from './run.js';
import { withdrawStatementForm } from './withdraw-statement.js';
import { scheduleForms } from './schedules.js';

/** Everything that is asked for at the desk by a form of its own. */
export const FORMS: readonly Form[] = [
  acknowledgeForm,
  reconcileForm,
  acknowledgeTicketForm,
  confirmForm,
  executeForm,
  ...bookingForms,
  baselineForm,
  reverseForm,
  stopForm,
  resetForm,
  ruleForm,
  runForm,
  ...scheduleForms,
  backupForm,
  restoreTestForm,
  alertsTestForm,
  importStatementForm,
  withdrawStatementForm,
  ...closeForms,
];

const AT = FORMS.map(({ path, fields = [] }) => ({ isHere: pagesOf([path]), fields }));

/** The fields that the form at an address always has; none of what is no form, or draws its fields as it stands. */
export const fieldsAt = (action: string): readonly Field[] => {
  const [path = ''] = action.split('?', 1);
  return AT.find(({ isHere }) => isHere(path))?.fields ?? [];
};
