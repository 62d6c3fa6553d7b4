/*
 * Where somebody goes on to once they are let in. A link in a mail comes without the session's cookie, which is for
 * pages of the desk's own alone (`SameSite=Strict`): it meets the page to enter by first, whose link brings the cookie.
 */

/** Whether a path is one of a list. */
export type IsPage = (path: string) => boolean;

/** What may stand between slashes: nothing that a browser reads as the beginning of another host. */
const SEGMENT = /^[\w.~%!$&'()*+,;=:@-]+$/;

/**
 * Knows the pages by their routes: a path that is none of them is no way on.
 * @param routes such as `/:account/tickets/:ticketId`; a part may be bound by an expression in brackets.
 */
export function pagesOf(routes: readonly string[]): IsPage {
  const pages = routes.map((route) => route.split('/').slice(1).map(partOf));
  return (path) => {
    const [before, ...said] = path.split('/');
    return (
      before === '' &&
      said.every((part) => SEGMENT.test(part) && !/^(?:\.|%2e){1,2}$/i.test(part)) &&
      pages.some((parts) => parts.length === said.length && parts.every((isPart, index) => isPart(said[index] ?? '')))
    );
  };
}

function partOf(route: string): (said: string) => boolean {
  if (!route.startsWith(':')) return (said) => said === route;
  const [, bound] = /\((.+)\)$/.exec(route) ?? [];
  const shape = new RegExp(bound ?? '.');
  return (said) => shape.test(said);
}

/** The page to enter by, which leads on to a page of the list. */
export const enterPath = (isPage: IsPage, url: string): string => {
  const [path = ''] = url.split('?', 1);
  return isPage(path) ? `/enter?next=${encodeURIComponent(path)}` : '/enter';
};
