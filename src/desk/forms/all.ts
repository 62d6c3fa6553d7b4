import { acknowledgeForm } from './acknowledge.js';
import type { Form } from './form.js';
import { reconcileForm } from './reconcile.js';

/** Everything that is asked for at the desk by a form of its own. */
export const FORMS: readonly Form[] = [acknowledgeForm, reconcileForm];
