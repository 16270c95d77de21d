// The desk: what waits, soonest due first; one of it opened beside the list; every deed by a key; then the next one.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { ask } from '../api.js';
import { DeskSearch, Inbox } from '../api.gen.js';
import { sentenceOf } from '../parts/basics.js';
import { Dialog } from '../parts/dialog.js';
import { LiveMark, useLive } from '../parts/timeline.js';
import { address, arrive, go } from '../router.js';
import { t } from '../texts.js';
import { Detail } from './detail.js';
import { List } from './list.js';
import { KEYS, useKeys } from './keys.js';
import './style.js';

export const isWide = true;
/** One goes from trámite to trámite without the list being made anew. */
export const keepsItself = true;

const FIRST = 50, MOST_AT_ONCE = 100;
const SETTLE_MS = 300;

/** What is listed: what waits for the desk, or all that a search finds. */
const VIEWS = {
  waiting: {},
  mine: { owner: 'ME' },
  late: { isLate: true },
  all: null,
};

/**
 * So many from the beginning, as they are now; the API gives a hundred at once.
 * @param {any} filter @param {number} wanted
 */
async function listed(filter, wanted) {
  let list = await part(filter, Math.min(wanted, MOST_AT_ONCE), null);
  while (list.edges.length < wanted && list.pageInfo.hasNextPage) {
    const more = await part(filter, Math.min(wanted - list.edges.length, MOST_AT_ONCE), list.pageInfo.endCursor);
    list = { ...more, edges: [...list.edges, ...more.edges] };
  }
  return list;
}

/** @param {{view: keyof typeof VIEWS, text: string, officeCode: string}} filter @param {number} first @param {string | null} after */
async function part({ view, text, officeCode }, first, after) {
  const words = text.trim();
  const isNumber = /^\S+-\d{4}-\d+$/.test(words);
  const filter = { ...(VIEWS[view] ?? {}), ...(words && (isNumber ? { number: words } : { text: words })) };
  if (view !== 'all') return (await ask(Inbox, { first, after, filter, officeCode: officeCode || null })).inbox;
  return (await ask(DeskSearch, { first, after, filter: { ...filter, officeCodes: officeCode ? [officeCode] : null } })).tramites;
}

const show = (/** @type {string} */ number) => document.getElementById(`row-${number}`)?.scrollIntoView({ block: 'nearest' });

/** @param {{number?: string}} props the trámite that is opened */
export default function InboxPage({ number }) {
  const inbox = useInbox();
  const deed = useSignal('');
  const told = useSignal('');
  const changed = useSignal(0);
  const place = inbox.rows.findIndex((row) => row.number === number);
  // The row of what was opened by its address, or came up by itself, is seen as well.
  useEffect(() => { if (number && place >= 0) show(number); }, [place >= 0, number]);
  useEffect(() => { if (!number) arrive(t('inbox.title')); }, [number]);
  const isLive = useArrivals(number, { load: inbox.load, changed, told });
  useWays({ rows: inbox.rows, place, number, deed });
  /** A deed is done: the list without what is no longer waited for, and what stood below it. */
  const done = async (/** @type {string} */ sentence) => {
    deed.value = '';
    told.value = sentence;
    const left = await inbox.load();
    if (address.value.split('?')[0] !== `/bandeja/${number}`) return;  // One has gone on already.
    if (left.some((row) => row.number === number)) { changed.value += 1; return; }
    const next = left[Math.min(Math.max(place, 0), left.length - 1)];
    go(next ? `/bandeja/${next.number}` : '/bandeja', { replace: true });
  };
  return html`<div class=${`desk${number ? ' opened' : ''}`}>
    <${List} rows=${inbox.rows} list=${inbox.list} filter=${inbox.filter} chosen=${number} trouble=${inbox.trouble}
      mark=${html`<${LiveMark} isLive=${isLive} />`} onAgain=${inbox.load} onMore=${inbox.more} onKeys=${() => { deed.value = 'keys'; }} />
    ${number ? html`<${Detail} key=${number} number=${number} changed=${changed.value} deed=${deed} onDone=${done} />`
    : html`<${NoneOpened} isAny=${inbox.rows.length > 0} />`}
    <p class="unseen" role="status">${told.value}</p>
    <${Keys} deed=${deed} />
  </div>`;
}

/** The list, as it is looked for; `load()` asks for it anew and returns its rows. */
function useInbox() {
  const filter = useSignal(/** @type {any} */ ({ view: 'waiting', text: '', officeCode: '' }));
  const list = useSignal(/** @type {any} */ (null));
  const trouble = useSignal('');
  const wanted = useRef(FIRST);
  const asked = useRef(0);
  const load = async () => {
    const turn = ++asked.current;
    try {
      const found = await listed(filter.value, wanted.current);
      if (turn === asked.current) {  // Else something else is looked for meanwhile.
        list.value = found;
        trouble.value = '';
      }
    } catch (error) { if (turn === asked.current) trouble.value = sentenceOf(error); }
    return rowsOf(list.value);
  };
  useEffect(() => { wanted.current = FIRST; load(); }, [JSON.stringify(filter.value)]);
  const more = () => { wanted.current += FIRST; load(); };
  return { filter, list: list.value, rows: rowsOf(list.value), trouble: trouble.value, load, more };
}

/** @param {any} list @returns {any[]} */
const rowsOf = (list) => list?.edges.map((edge) => edge.node) ?? [];

/** What happens elsewhere is shown as it happens, a moment after the last of it. */
function useArrivals(number, { load, changed, told }) {
  const timer = useRef(/** @type {any} */ (0));
  useEffect(() => () => clearTimeout(timer.current), []);
  return useLive({
    filter: {},
    after: null,
    onChange: (change) => {
      if (change.number === number) changed.value += 1;
      if (change.act === 'FILED') told.value = t('inbox.arrived', { number: change.number });
      clearTimeout(timer.current);
      timer.current = setTimeout(load, SETTLE_MS);
    },
    onCaughtUp: load,
  });
}

/** The keys that lead from one trámite to another, and out of it. */
function useWays({ rows, place, number, deed }) {
  const move = (/** @type {number} */ by) => {
    const next = rows[place < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, place + by))];
    if (next) go(`/bandeja/${next.number}`, { replace: Boolean(number) });
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    '/': () => document.getElementById('desk-search')?.focus(),
    '?': () => { deed.value = 'keys'; },
    Escape: () => { if (number && !deed.value) go('/bandeja'); },
  }, !deed.value);
}

const NoneOpened = ({ isAny }) => html`<section class="detail empty">
  <h2>${t(isAny ? 'inbox.choose' : 'inbox.none')}</h2><p class="hint">${t('inbox.choose.how')}</p></section>`;

function Keys({ deed }) {
  const close = () => { deed.value = ''; };
  return html`<${Dialog} isOpen=${deed.value === 'keys'} title=${t('keys.title')} onClose=${close}>
    <dl class="keys">${KEYS.map(([key, what]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${t(`keys.${what}`)}</dd></div>`)}</dl>
    <p class="buttons"><button type="button" onClick=${close}>${t('dialog.close')}</button></p></${Dialog}>`;
}
