import type { Locator, Page } from 'playwright-core';

/** What is typed of an order that was placed as it is written. */
export interface OrderTyped {
  units: string;
  price: string;
  value: string;
}

/**
 * The next day of a rehearsal by hand, as somebody new works it: from Today, by links and buttons alone, from the run of
 * 08:00 to the close. Its 14:00 run is a dry one, of one order.
 * @param cash what the broker is said to show
 * @param orderOf what is typed of the order, of the units and the reference price that the page says
 * @param look told the name of each page that is worth a look
 * @param byKeys whether the hand is on the keyboard alone
 */
export async function workADay(
  page: Page,
  {
    cash,
    orderOf,
    look = () => Promise.resolve(),
    byKeys = false,
  }: {
    cash: string;
    orderOf(said: string): OrderTyped;
    look?(name: string): Promise<void>;
    byKeys?: boolean;
  },
): Promise<void> {
  const main = page.locator('main');
  const use = (what: Locator, key = 'Enter') => (byKeys ? what.press(key) : what.click());
  const press = (name: string | RegExp) => use(main.getByRole('button', { name }).first());
  const follow = (name: string | RegExp) => use(main.getByRole('link', { name }).first());
  const today = () => use(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Today' }));
  const run = async (slot: string, name: RegExp) => {
    await press(/Set the clock/);
    await follow(name);
    if (slot === '1400') await use(main.getByLabel(/As a dry run/), ' ');
    await press('Review');
    await press(`Start the ${slot} run`);
    // A run that takes its time is waited for on a page of its own, which turns when it is done.
    await page.waitForURL(/\/runs\/[^/]*-|\/asked\//);
    await page.locator('#waits').waitFor({ state: 'detached' });
    await today();
  };

  await run('0800', /Rehearse the 08:00 run/);
  await look('today');
  await follow('Reconcile');
  await main.getByLabel(/^Cash/).fill(cash);
  await look('reconcile');
  await press('Review and record');
  await press('Record PASS');
  await main.getByText('RECONCILIATION_PASS').waitFor();
  await today();
  await run('1400', /Rehearse the 14:00 run/);
  await look('today-ticket');
  await follow('Read the ticket');
  await look('ticket');
  await today();
  await press(/Set the clock/);
  await follow(/Start executing/);
  await press(/I execute/);
  const order = orderOf(await main.innerText());
  await main.getByLabel(/Price you see/).fill(order.price);
  await main.getByText('GO', { exact: false }).first().waitFor();
  await look('execute');
  await main.getByLabel('What became of it').selectOption('DONE');
  await main.getByLabel('Units').fill(order.units);
  await main.getByLabel(/^Price, /).fill(order.price);
  await main.getByLabel(/^Value, /).fill(order.value);
  await press('Time: now');
  // What is pressed on the page that is going away is of that page, which has no time yet.
  await main.locator('[name$=".filled_at"][value*=":"]').waitFor();
  await press(/Save the line/);
  await press(/Review/);
  await look('confirm');
  await press(/Sign and book/);
  await main.getByText('BOOKED').first().waitFor();
  await today();
  await main.getByText(/The day is closed/).waitFor();
  await look('closed');
}

/** An order placed exactly as the page says it: about so many units, at the reference price, for the amount. */
export function asOrdered(said: string): OrderTyped {
  const [, units = '', price = ''] = /about ([\d.]+) units at the close of [\d-]+, \$([\d.]+)/.exec(said) ?? [];
  return { units, price, value: /BUY ([\d.]+) USD/.exec(said)?.[1] ?? '' };
}
