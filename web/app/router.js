// Real addresses with the History API; focus goes to the new page's heading.
// @ts-check
import { signal } from './base.js';
import { t } from './texts.js';

export const address = signal(location.pathname + location.search);

let isOver = false;

/** Load another page: what is still under way in this one leads nowhere any more. @param {string} to */
export function load(to) {
  isOver = true;
  location.assign(to);
}

/** @param {string} to @param {{replace?: boolean}} [how] */
export function go(to, { replace = false } = {}) {
  if (isOver) return;
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

/** What a module waits for before its page is shown. An old browser knows no `await` in the module itself. */
export const awaited = /** @type {Set<Promise<unknown>>} */ (new Set());

let hasArrived = false;

/**
 * After a page is there: its title, the top, and the focus on its heading; not on the first, which the browser showed.
 * Of a page that one is on already (`isHere`) only the title.
 */
export function arrive(/** @type {string} */ title, { isWrong = false, isHere = isWrong } = {}) {
  document.title = (isWrong ? `${t('form.error')}: ` : '') + `${title} – ${t('site.name')}`;
  if (isHere) return;
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
    const value = part.startsWith(':') && decoded(given[at]);
    if (value) found[part.slice(1)] = value;
    else if (part !== given[at]) return null;
  }
  return found;
}

/** @param {string} part @returns {string} empty if it is none that a browser would write */
function decoded(part) { try { return decodeURIComponent(part); } catch { return ''; } }

/** The value of a search parameter of the present address. */
export const parameter = (/** @type {string} */ name) => new URL(address.value, location.origin).searchParams.get(name);
