import { template, type Template } from './frame.js';

const WAITS: Template<object> = template('<p id="waits"><a href="">Look again</a></p>\n');

/** What is looked at again by itself until it is over; without JavaScript by its link. */
export const LOOK_AGAIN = WAITS({});
