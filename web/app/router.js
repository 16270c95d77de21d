// Real addresses with the History API; focus goes to the new page's heading.
// @ts-check
import { signal } from './base.js';
import { t } from './texts.js';

export const address = signal(location.pathname + location.search);

/** Set while leaving would lose something: asked before another page is shown. */
export const leaving = { mayLeave: () => true };

/** Whose account the next page is about, and where they wanted to be: carried in memory, never in an address. */
export const carried = signal(/** @type {{identityKind: any, identityNumber: string, email?: string, back?: string | null} | null} */ (null));

/** @param {string} to @param {{replace?: boolean}} [how] */
export function go(to, { replace = false } = {}) {
  if (!leaving.mayLeave()) return;
  leaving.mayLeave = () => true;
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  address.value = to;
}

addEventListener('popstate', () => { address.value = location.pathname + location.search; });

/** @param {string} path @returns {boolean} whether the pages, not the server, show it */
let isOurs = (path) => path === '/';
export function follow(/** @type {(path: string) => boolean} */ knows) { isOurs = knows; }

addEventListener('click', (event) => {
  const link = /** @type {HTMLElement} */ (event.target).closest?.('a[href]');
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.target || link.download || link.hash || link.origin !== location.origin || !isOurs(link.pathname)) return;
  event.preventDefault();
  go(link.pathname + link.search);
});

let hasArrived = false;

/** After a page is there: its title, the top, and the focus on its heading; not on the first, which the browser showed. */
export function arrive(/** @type {string} */ title, { isWrong = false } = {}) {
  document.title = (isWrong ? `${t('form.error')}: ` : '') + `${title} – ${t('site.name')}`;
  if (isWrong) return;
  const heading = document.querySelector('main h1');
  if (hasArrived && heading instanceof HTMLElement) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  hasArrived = true;
}

/** @param {string} pattern with `:name` for parts @param {string} path @returns {Record<string, string> | null} */
export function match(pattern, path) {
  const wanted = pattern.split('/'), given = path.replace(/(.)\/$/, '$1').split('/');
  if (wanted.length !== given.length) return null;
  /** @type {Record<string, string>} */
  const found = {};
  for (const [at, part] of wanted.entries()) {
    if (part.startsWith(':') && given[at]) found[part.slice(1)] = decodeURIComponent(given[at]);
    else if (part !== given[at]) return null;
  }
  return found;
}

/** The value of a search parameter of the present address. */
export const parameter = (/** @type {string} */ name) => new URL(address.value, location.origin).searchParams.get(name);
