// The list of the desk: what is looked for, and a row for each trámite with its term in words.
// @ts-check
import { html, useSignal } from '../base.js';
import { Status } from '../parts/basics.js';
import { More } from '../parts/more.js';
import { person } from '../session.js';
import { number as inWords, shortDay, t } from '../texts.js';
import { areOn, turn } from './keys.js';

const VIEWS = ['waiting', 'mine', 'late', 'all'];
const DAY_MS = 86_400_000;

/** Days from today, in Lima, to a day. @param {string} day */
function daysTo(day) {
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Lima' }).format(new Date());
  return Math.round((Date.parse(day) - Date.parse(today)) / DAY_MS);
}

/** By when something must happen, in words; the colour only repeats it. */
export function Due({ signs }) {
  if (!signs?.dueOn) return null;
  const days = daysTo(signs.dueOn);
  const key = days < 0 ? 'due.past' : days === 0 ? 'due.today' : days === 1 ? 'due.tomorrow' : 'due.in';
  const how = signs.isLate ? 'late' : signs.isDueSoon ? 'soon' : '';
  return html`<span class=${`due ${how}`} title=${shortDay(signs.dueOn)}>${t(key, key === 'due.past' || key === 'due.in' ? { count: Math.abs(days) } : {})}</span>`;
}

/** What the desk should notice of a trámite, each in a word. */
const Signs = ({ signs, channel }) => {
  const words = [channel === 'EMAIL' && 'sign.mail', signs?.isMine && 'sign.mine', signs?.hasOwner && !signs.isMine && 'sign.taken',
    signs?.isMissingSomething && 'sign.missing', signs?.foliosDoubt && 'sign.folios'].filter(Boolean);
  return words.map((key) => html`<span class="sign" key=${key}>${t(/** @type {string} */ (key))}</span>`);
};

function Row({ row, isChosen, showsStatus, showsOffice }) {
  return html`<li id=${`row-${row.number}`}><a class=${`row${isChosen ? ' chosen' : ''}`} href=${`/bandeja/${row.number}`} aria-current=${isChosen ? 'true' : undefined}>
    <span class="top"><strong>${row.organization?.name ?? row.senderName}</strong><${Due} signs=${row.signs} /></span>
    <span class="subject">${row.subject}</span>
    <span class="below"><span class="code">${row.number}</span>${showsOffice && ` · ${row.office.name}`}${' '}${showsStatus && html`<${Status} status=${row.status} />`}<${Signs} signs=${row.signs} channel=${row.channel} /></span>
  </a></li>`;
}

/** @param {{rows: any[], list: any, filter: any, chosen?: string, trouble: string, onAgain: () => void, onMore: () => void, mark: any, onKeys: () => void}} props */
export function List({ rows, list, filter, chosen, trouble, onAgain, onMore, mark, onKeys }) {
  const text = useSignal(filter.value.text);
  const set = (/** @type {object} */ more) => { filter.value = { ...filter.value, ...more }; };
  const search = (event) => { event.preventDefault(); set({ text: text.value, ...(text.value.trim() && { view: 'all' }) }); };
  const offices = person.value.offices;
  return html`<section class="list" aria-labelledby="list-title">
    <${chosen ? 'h2' : 'h1'} class="title" id="list-title">${t('inbox.title')}${' '}${mark}</${chosen ? 'h2' : 'h1'}>
    <form role="search" class="seek" onSubmit=${search}>
      <label class="unseen" for="desk-search">${t('inbox.search')}</label>
      <input id="desk-search" type="search" placeholder=${t('inbox.search.what')} maxlength="200" value=${text.value} onInput=${(event) => { text.value = event.target.value; if (!text.value) set({ text: '' }); }} />
      <button>${t('inbox.search.button')}</button>
    </form>
    <fieldset class="chips"><legend class="unseen">${t('inbox.view')}</legend>${VIEWS.map((view) => html`<label class="chip" key=${view}>
      <input type="radio" name="view" checked=${filter.value.view === view} onChange=${() => set({ view })} /><span>${t(`inbox.view.${view}`)}</span></label>`)}</fieldset>
    ${offices.length > 1 && html`<label class="office">${t('inbox.office')}<select value=${filter.value.officeCode} onChange=${(event) => set({ officeCode: event.target.value })}>
      <option value="">${t('inbox.office.all')}</option>${offices.map((office) => html`<option value=${office.code} key=${office.code}>${office.name}</option>`)}</select></label>`}
    <p class="count" role="status">${list && t(filter.value.view === 'all' ? 'inbox.count.all' : 'inbox.count', { count: list.totalCount.count, shown: inWords(list.totalCount.count), more: list.totalCount.isExact ? '' : '+' })}</p>
    ${trouble && html`<div class="notice bad" role="alert"><p>${trouble}</p><p><button type="button" onClick=${onAgain}>${t('trouble.again')}</button></p></div>`}
    <div class="rows-of"><ul>${rows.map((row) => html`<${Row} key=${row.number} row=${row} isChosen=${row.number === chosen} showsStatus=${filter.value.view === 'all'} showsOffice=${offices.length !== 1} />`)}</ul>
      <${More} pageInfo=${list?.pageInfo} shown=${rows.length} onMore=${onMore} /></div>
    <p class="feet"><button type="button" class="link" onClick=${onKeys}>${t('keys.title')}${' '}<kbd>?</kbd></button>
      <label class="switch"><input type="checkbox" checked=${areOn.value} onChange=${(event) => turn(event.target.checked)} />${t('keys.on')}</label></p>
  </section>`;
}
