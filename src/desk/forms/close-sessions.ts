import { resultOrThrow } from '../../domain/errors.js';
import { closeSessions } from '../../operations/entry/close-sessions.js';
import { paragraph } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Sitting } from '../sitting.js';
import type { Form } from './form.js';

/** Asks by one button, without a review: whoever was ended in error enters again. */
const closing = (of: { path: string; button: string; says: string; session(sitting: Sitting): string }): Form => ({
  path: of.path,
  isDirect: true,
  checkButton: of.button,
  title: () => of.button,
  here: () => '/settings',
  command(sitting) {
    const session = of.session(sitting);
    return `trading-ops desk close ${session === 'all' ? '--all' : `--session ${session.slice(0, 8)}`}`;
  },
  body: async () => renderBlocks([paragraph(of.says)]),
  check: async () => ({ blocks: [], button: '' }),
  async commit(sitting) {
    const by = { operator: sitting.asker().operator, ownId: sitting.who.id };
    resultOrThrow(await closeSessions(sitting.place, by, { session: of.session(sitting) }));
    return '/settings';
  },
});

/** Ends one session of the desk, or all but the one that asks. */
export const closeForms: readonly Form[] = [
  closing({
    path: '/:account/sessions/others/end',
    button: 'End all other sessions',
    says: 'Everybody but this browser enters again, and no link that was made before lets in. The audit log says who asked for it.',
    session: () => 'all',
  }),
  closing({
    path: '/:account/sessions/:session/end',
    button: 'End this session',
    says: 'Whoever has it enters again. What was typed there and not sent is asked for once more. The audit log says who asked for it.',
    session: ({ params }) => params['session'] ?? '',
  }),
];
