import { template, type Template } from './frame.js';

const WAITS: Template<{ how: string }> = template(
  '<p id="waits" data-how="<%= it.how %>"><a href="">Look again</a></p>\n',
);

/**
 * What is looked at again by itself until it is over, or stands otherwise; without JavaScript by its link.
 * @param how it stands, in a word
 */
export const lookAgain = (how: string): string => WAITS({ how });

/** The same of what stands in one way until it is over. */
export const LOOK_AGAIN = lookAgain('');
