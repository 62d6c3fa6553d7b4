import { DateTime } from 'luxon';
import { D } from '../../domain/money.js';
import type { DecimalString, Instant } from '../../domain/types.js';

const SIGNS: Record<string, string> = { GBP: '£', USD: '$', EUR: '€' };
const UK = 'Europe/London';
const NEW_YORK = 'America/New_York';

/** `12345.6` to `12,345.60`: thousands separators, exactly `places` decimals, half to even. */
export function grouped(value: DecimalString, places: number): string {
  return thousands(D(value).toFixed(places));
}

function thousands(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.length > 3 ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `£1,234.50`; a negative amount is `−£1,234.50`, an unknown currency `1,234.50 CHF`. */
export function money(value: DecimalString, currency: string, places = 2): string {
  const text = D(value).toFixed(places);
  const rounded = thousands(text.replace('-', ''));
  const minus = text.startsWith('-') && /[1-9]/.test(text) ? '−' : '';
  const sign = SIGNS[currency];
  return sign ? `${minus}${sign}${rounded}` : `${minus}${rounded} ${currency}`;
}

/** As money, with a plus sign where it is positive: for gains, losses and drift. */
export function signedMoney(value: DecimalString, currency: string): string {
  const text = money(value, currency);
  return D(D(value).toFixed(2)).greaterThan(0) ? `+${text}` : text;
}

/** Units of a share: at most 6 decimals, no trailing zeros, grouped. */
export function units(value: DecimalString): string {
  const [whole = '', fraction] = D(value).toDecimalPlaces(6).toFixed().split('.');
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',').replace('-', '−');
  return fraction === undefined ? text : `${text}.${fraction}`;
}

/** A price: at least 2 and at most 6 decimals. */
export function price(value: DecimalString, currency: string): string {
  const places = Math.min(6, Math.max(2, D(value).decimalPlaces()));
  return money(value, currency, places);
}

/** A fraction as a percentage: `0.075` to `7.50 %`. */
export function percent(fraction: DecimalString, places = 2): string {
  const text = D(fraction).times(100).toFixed(places);
  // What is rounded to nothing has no sign.
  return `${text.replace('-', /[1-9]/.test(text) ? '−' : '')} %`;
}

/** As percent, with a plus sign where it is positive. */
export function signedPercent(fraction: DecimalString, places = 2): string {
  const text = percent(fraction, places);
  return D(D(fraction).times(100).toFixed(places)).greaterThan(0) ? `+${text}` : text;
}

/** `2018-01-05 14:35 UK time (GMT)`: date and time in London, the zone said. */
export function ukTime(at: Instant): string {
  const time = DateTime.fromISO(at, { zone: UK });
  return `${time.toFormat('yyyy-MM-dd HH:mm')} UK time (${time.offset === 0 ? 'GMT' : 'BST'})`;
}

/** A text of a rule with its instants told as UK times: a person reads no UTC off a clock. */
export const withUkTimes = (text: string): string =>
  text.replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z(?![A-Za-z0-9])/g, (at) =>
    Number.isNaN(Date.parse(at)) ? at : ukTime(at),
  );

/** `Mon 23 Nov 2026 14:21 UK · 09:21 New York`: what time it is in both places. */
export function bothClocks(at: Instant): string {
  const here = DateTime.fromISO(at, { zone: UK, locale: 'en-GB' });
  return `${here.toFormat('ccc d LLL yyyy HH:mm')} UK · ${here.setZone(NEW_YORK).toFormat('HH:mm')} New York`;
}

/** A UK date and time without its zone, as it is typed: `2018-05-09 14:00`. */
export const ukStamp = (at: Instant): string => DateTime.fromISO(at, { zone: UK }).toFormat('yyyy-MM-dd HH:mm');

/** Hours and minutes only, for the second end of a span: `15:30`. */
export const ukClock = (at: Instant): string => DateTime.fromISO(at, { zone: UK }).toFormat('HH:mm');

/** An execution window in both places: `14:35 to 15:30 UK time (GMT)` and `09:35 to 10:30 New York time (EST)`. */
export function windowText(opensAt: Instant, closesAt: Instant): { uk: string; newYork: string; date: string } {
  const open = DateTime.fromISO(opensAt, { zone: UK });
  const openThere = DateTime.fromISO(opensAt, { zone: NEW_YORK });
  const closeThere = DateTime.fromISO(closesAt, { zone: NEW_YORK });
  return {
    date: open.toFormat('yyyy-MM-dd'),
    uk: `${open.toFormat('HH:mm')} to ${ukClock(closesAt)} UK time (${open.offset === 0 ? 'GMT' : 'BST'})`,
    newYork: `${openThere.toFormat('HH:mm')} to ${closeThere.toFormat('HH:mm')} New York time (${openThere.isInDST ? 'EDT' : 'EST'})`,
  };
}

const MINUTE_MS = 60_000;

/** `opens in 14 minutes`, `closes in 41 minutes`, `is closed`: where a window stands at an instant. */
export function minutesText(opensAt: Instant, closesAt: Instant, at: Instant): string {
  const [opens, closes] = [opensAt, closesAt].map((to) => Math.ceil((Date.parse(to) - Date.parse(at)) / MINUTE_MS)) as [
    number,
    number,
  ];
  const span = (count: number) =>
    count < 120 ? counted(count, 'minute') : `${Math.floor(count / 60)} h ${count % 60} min`;
  return opens > 0 ? `opens in ${span(opens)}` : closes > 0 ? `closes in ${span(closes)}` : 'is closed';
}

/** `2018-01-05` to `Friday`. */
export const weekday = (date: string): string =>
  DateTime.fromISO(date, { zone: 'utc', locale: 'en-GB' }).toFormat('cccc');

/** `1 symbol`, `3 symbols`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? noun : plural}`;

/** A phrase with a full stop, where it has none. */
export const sentence = (phrase: string): string => {
  const text = phrase.trim();
  return /[.!?:]$/.test(text) ? text : `${text}.`;
};
