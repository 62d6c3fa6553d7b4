import type { z } from 'zod';
import type { Asker } from '../../contract/asker.js';
import type { Outcome } from '../../domain/errors.js';
import type { Gatehouse, Installation } from '../installation.js';
import { cashInLieuBooking } from './book-cash-in-lieu.js';
import { cashMergerBooking } from './book-cash-merger.js';
import { cashBooking } from './book-cash.js';
import { delistingBooking } from './book-delisting.js';
import { dividendBooking } from './book-dividend.js';
import type { Booked } from './book-planned.js';
import { renameBooking } from './book-rename.js';
import { spinOffBooking } from './book-spin-off.js';
import { splitBooking } from './book-split.js';
import { stockMergerBooking } from './book-stock-merger.js';
import { booking, previewBooking, type Booking, type BookingPreview } from './booking.js';
import { reversal } from './reverse-entry.js';

/** A kind of booking as somebody who has only the words asks for it: its schema reads what was said. */
export interface AskedBooking {
  preview(place: Gatehouse, asker: Asker, input: object): Promise<Outcome<BookingPreview>>;
  book(installation: Installation, asker: Asker, input: object): Promise<Outcome<Booked>>;
}

function asked<Schema extends z.ZodType<{ account: string }>>(kind: Booking<Schema>): AskedBooking {
  const book = booking(kind);
  return {
    preview: (place, asker, input) => previewBooking(place, asker, kind, input as z.input<Schema>),
    book: (installation, asker, input) => book(installation, asker, input as z.input<Schema>),
  };
}

/** Every booking of one entry, by the name that it is typed by. */
export const BOOKINGS = {
  cash: asked(cashBooking),
  dividend: asked(dividendBooking),
  split: asked(splitBooking),
  rename: asked(renameBooking),
  'cash-merger': asked(cashMergerBooking),
  'stock-merger': asked(stockMergerBooking),
  'spin-off': asked(spinOffBooking),
  'cash-in-lieu': asked(cashInLieuBooking),
  delisting: asked(delistingBooking),
  reverse: asked(reversal),
} as const satisfies Record<string, AskedBooking>;
export type BookingName = keyof typeof BOOKINGS;
