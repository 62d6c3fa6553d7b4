import { D, toText } from '../../domain/money.js';
import type { Instant, TicketLine } from '../../domain/types.js';
import type { OrdersStand } from '../../domain/confirmation/orders.js';
import type { AnswerForm } from '../../operations/day/answer-form.js';
import { aboutUnits, priceSeen } from '../../operations/day/price-seen.js';
import { lineStands } from '../../operations/day/typed-fills.js';
import { minutesText, price, units } from '../../reports/render/format.js';
import { holderText } from '../claim-words.js';
import { template, type Template } from '../view/frame.js';
import { contentsOf, lineFields, type LineShown } from './answer-lines.js';
import { fieldsBody } from './fields.js';

/** What a screen of one line shows. */
interface Screen {
  above: string;
  ticketId: string;
  claim: string;
  sequence: number;
  side: 'BUY' | 'SELL';
  name: string;
  symbol: string;
  amount: string;
  plain: string;
  about: string | null;
  skip: { price: string; text: string };
  /** What a price is held against for being far off: the close, and which fraction of it. */
  close: { price: string; limit: string; text: string };
  verdict: { tone: 'go' | 'look' | 'skip' | 'none'; text: string };
  /** Whether orders may be placed, which the page goes by while its clock runs on. */
  stands: OrdersStand;
  account: string;
  seen: string;
  checks: string;
  window: { opensAt: Instant; closesAt: Instant; text: string } | null;
  rail: { href: string; text: string; isHere: boolean }[];
  fields: string;
  causes: { step: string; text: string; status: string }[];
  confirm: string;
}

const SCREEN: Template<Screen> = template(
  `<%~ it.above -%>
<p class="claim" data-claim="<%= it.ticketId %>"><%= it.claim %></p>
<nav class="pages" aria-label="Lines">
<% for (const { href, text, isHere } of it.rail) { -%>
<a href="<%= href %>"<% if (isHere) { %> aria-current="step"<% } %>><%= text %></a>
<% } -%>
</nav>
<% if (it.window !== null) { -%>
<p class="edge">The window
<span data-opens="<%= it.window.opensAt %>" data-closes="<%= it.window.closesAt %>"><%= it.window.text %></span>.
<span class="heard" data-heard role="status"></span></p>
<% } -%>
<input type="hidden" name="line" value="<%= it.sequence %>">
<section class="order <%= it.side.toLowerCase() %>">
<h2><%= it.sequence %>. <%= it.side %> <%= it.symbol %></h2>
<p class="copy"><span><small>Search name</small> <strong><%= it.name %></strong></span>
<button type="button" class="quiet" data-copy="<%= it.name %>" hidden>Copy the name</button></p>
<p class="copy"><span><small>Amount</small> <strong><%= it.amount %></strong></span>
<button type="button" class="quiet" data-copy="<%= it.plain %>" hidden>Copy the amount</button></p>
<p><strong><%= it.skip.text %></strong></p>
<% if (it.stands === 'over') { -%>
<p class="banner warn">The window is over: place nothing more. A line that was placed in time is reported on
<a href="<%= it.confirm %>">Confirm</a>.</p>
<% } else { -%>
<%~ it.seen -%>
<p class="verdict <%= it.verdict.tone %>" role="status" data-side="<%= it.side %>" data-skip="<%= it.skip.price %>"
 data-reference="<%= it.close.price %>" data-limit="<%= it.close.limit %>" data-close="<%= it.close.text %>"
 data-stands="<%= it.stands %>" data-of="<%= it.account %>">
<%= it.verdict.text %></p>
<% if (it.about !== null) { -%>
<p><%= it.about %></p>
<% } -%>
<%~ it.checks -%>
<p><button name="step" value="look" class="quiet">Check the price</button></p>
<% } -%>
</section>
<%~ it.fields -%>
<% if (it.stands !== 'over') { -%>
<p><button name="step" value="now" class="quiet">Time: now</button></p>
<% } -%>
<details<% if (it.stands === 'over') { %> open<% } %>>
<summary>It could not be done as written</summary>
<ul class="causes">
<% for (const { step, text, status } of it.causes) { -%>
<li><button name="step" value="<%= step %>" class="quiet"><%= status %>: <%= text %></button></li>
<% } -%>
</ul>
</details>
<p><button name="step" value="release" class="quiet">I execute it no longer</button>
<a href="<%= it.confirm %>">All lines at once</a></p>
`,
);

/** One line of a ticket while it is executed: what to search for, how much, up to which price, and what came of it. */
export function lineScreen(shown: LineShown & { own: string; above: string }): string {
  const { form, index, typed, trouble, at, own } = shown;
  const { line, causes, skip } = form.lines[index] as AnswerForm['lines'][number];
  const { ticket, of } = form;
  const content = contentsOf(form, typed)[index] ?? {};
  const seenField = {
    kind: 'figure',
    name: `fills[${index}].seen`,
    label: `Price you see, ${line.referenceCurrency}`,
  } as const;
  const plain = line.valueBase ?? line.units ?? '';
  const about = aboutUnits(of, line, line.referencePrice);
  return SCREEN({
    above: shown.above,
    ticketId: ticket.ticketId,
    claim: holderText(form.holder),
    sequence: line.sequence,
    side: line.side,
    name: line.etoroSearchName,
    symbol: line.symbol,
    amount: line.valueBase === null ? `${plain} units` : `${plain} ${of.baseCurrency}`,
    plain,
    about:
      line.valueBase === null || about === null
        ? null
        : `about ${units(about)} units at the close of ${ticket.asOfDate}, ` +
          price(line.referencePrice, line.referenceCurrency),
    skip: { price: line.skipPrice, text: skip },
    close: { price: line.referencePrice, limit: toText(D(of.maxPriceDeviation)), text: closeText(form, line) },
    verdict: verdictOf(form, line, content.seen ?? ''),
    stands: form.stands,
    account: ticket.account,
    seen: fieldsBody([seenField], { [seenField.name]: content.seen ?? '' }, trouble),
    checks: fieldsBody(
      [
        { kind: 'tick', name: 'look.name', label: `the name is ${line.etoroSearchName}` },
        { kind: 'tick', name: 'look.stock', label: 'it is the stock, not a CFD' },
        { kind: 'tick', name: 'look.x1', label: 'leverage is x1' },
      ],
      typed,
      null,
    ),
    window: windowOf(form, at),
    rail: railOf(form, index, own, at),
    fields: lineFields(shown),
    causes: causes.map(({ when, status }, cause) => ({ step: `cause-${cause}`, text: when, status })),
    confirm: `${own}/confirm`,
  });
}

/** What a price is compared with that is far off, and what is to be looked at then. */
const closeText = ({ ticket }: AnswerForm, line: TicketLine): string =>
  `the close of ${ticket.asOfDate}, ${price(line.referencePrice, line.referenceCurrency)}. ` +
  `Is it one share of ${line.symbol}, in ${line.referenceCurrency}? If so, go on`;

function verdictOf(form: AnswerForm, line: TicketLine, typed: string): Screen['verdict'] {
  const { of, stands } = form;
  if (stands === 'groundless') return { tone: 'skip', text: '✕ TICKET_DIFFERS: place no order of this ticket.' };
  if (stands === 'stopped') return { tone: 'skip', text: '✕ STOPPED: trading is stopped, place nothing more.' };
  if (stands === 'early') return { tone: 'none', text: '○ NOT YET: place nothing before the window opens.' };
  if (typed.trim() === '') return { tone: 'none', text: '○ Type the price you see.' };
  const seen = priceSeen(of, line, typed);
  if ('rule' in seen) return { tone: 'none', text: `○ The price ${seen.rule}.` };
  const apart = price(seen.apart, line.referenceCurrency);
  const about = seen.units === null ? '' : `, about ${units(seen.units)} units`;
  if (seen.far !== null)
    return { tone: 'look', text: `! LOOK: ${seen.far.percent} % ${seen.far.side} ${closeText(form, line)}.` };
  if (seen.verdict === 'GO') return { tone: 'go', text: `✓ GO: ${apart} within the limit${about}.` };
  return { tone: 'skip', text: `✕ SKIP: ${apart} ${line.side === 'BUY' ? 'above' : 'below'} the skip price.` };
}

function windowOf({ ticket: { windowOpensAt, windowClosesAt } }: AnswerForm, at: Instant): Screen['window'] {
  if (windowOpensAt === null || windowClosesAt === null) return null;
  return { opensAt: windowOpensAt, closesAt: windowClosesAt, text: minutesText(windowOpensAt, windowClosesAt, at) };
}

function railOf(form: AnswerForm, index: number, own: string, at: Instant): Screen['rail'] {
  const contents = contentsOf(form, {});
  return form.lines.map(({ line }, each) => {
    const status = contents[each]?.executed_status ?? '';
    const mark = { open: '○', good: '✓', wrong: '!' }[lineStands(form, each, contents[each] ?? {}, at)];
    return {
      href: `${own}/execute?line=${line.sequence}`,
      text: `${mark} ${line.sequence} of ${form.lines.length}${status === '' ? '' : `: ${status}`}`,
      isHere: each === index,
    };
  });
}
