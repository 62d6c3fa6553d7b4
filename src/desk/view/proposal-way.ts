import { codeBlock, link, paragraph, type Block } from '../../reports/render/document.js';

/**
 * How what is proposed is carried out: by a form that begins with what was found, or as it is typed. Nothing is booked by
 * following the way.
 * @param href the form; null where there is none
 * @param command null where there is nothing to type yet
 */
export function proposalWay(href: string | null, command: string | null): Block[] {
  const isBooked = /^\/[^/]+\/(book|baseline|actions)\b/.test(href ?? '');
  return [
    ...(href === null ? [] : [paragraph([link(href, isBooked ? 'I see this at eToro: book it…' : 'Go there')])]),
    ...(command === null ? [] : [codeBlock(command)]),
  ];
}
