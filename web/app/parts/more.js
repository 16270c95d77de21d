// More of a list, a page at a time: the focus goes to the first new row, and how many are shown is said.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { t } from '../texts.js';

const ROWS = 'li, tr, .thing', CONTROLS = 'a[href], button, summary';

/**
 * Stands after its list, in the same element.
 * @param {{pageInfo: any, shown: number, onMore: () => void, isBusy?: boolean}} props `shown`: so many rows are drawn
 */
export function More({ pageInfo, shown, onMore, isBusy = false }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const last = useRef(/** @type {Element | null} */ (null));
  const said = useSignal('');
  const press = () => {
    last.current = endOf(box.current);
    onMore();
  };
  useEffect(() => {
    const row = last.current?.isConnected && firstBetween(last.current, /** @type {HTMLElement} */ (box.current));
    last.current = null;
    if (!row) return;
    said.value = t('list.shown', { count: shown });
    const control = row.querySelector(CONTROLS);
    if (!control) row.tabIndex = -1;
    /** @type {HTMLElement} */ (control ?? row).focus();
  }, [shown]);
  return html`<div class="more" ref=${box}>${pageInfo?.hasNextPage && html`<p><button type="button" aria-disabled=${isBusy}
    onClick=${press}>${t(isBusy ? 'wait' : 'list.more')}</button></p>`}<p class="unseen" role="status">${said.value}</p></div>`;
}

/** The last element of what stands before. @param {Element | null} box */
function endOf(box) {
  let end = box?.previousElementSibling ?? null;
  while (end?.lastElementChild) end = end.lastElementChild;
  return end;
}

/** @param {Element} from @param {HTMLElement} to @returns {HTMLElement | undefined} */
function firstBetween(from, to) {
  const isAfter = (/** @type {Node} */ one, /** @type {Node} */ other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
  const rows = /** @type {NodeListOf<HTMLElement>} */ (/** @type {HTMLElement} */ (to.parentElement).querySelectorAll(ROWS));
  return [...rows].find((row) => isAfter(from, row) && isAfter(row, to));
}
