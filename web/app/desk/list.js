// The list of the desk: what is looked for, and a row for each trámite with its term in words.
// @ts-check
import { html, useSignal } from '../base.js';
import { Status } from '../parts/basics.js';
import { NotHad } from '../parts/loaded.js';
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
  const data = ['due.past', 'due.in'].includes(key) ? { count: Math.abs(days) } : undefined;
  const how = signs.isLate ? 'late' : signs.isDueSoon ? 'soon' : '';
  return html`<span class=${`due ${how}`} title=${shortDay(signs.dueOn)}>${t(key, data)}</span>`;
}

/** What the desk should notice of a trámite, each in a word. */
const Signs = ({ signs, channel }) => {
  const words = [
    channel === 'EMAIL' && 'sign.mail',
    signs?.isMine && 'sign.mine',
    signs?.hasOwner && !signs.isMine && 'sign.taken',
    signs?.isMissingSomething && 'sign.missing',
    signs?.foliosDoubt && 'sign.folios',
  ].filter(Boolean);
  return words.map((key) => html`<span class="sign" key=${key}>${t(/** @type {string} */ (key))}</span>`);
};

function Row({ row, isChosen, showsStatus, showsOffice }) {
  const { number, signs } = row;
  return html`<li id=${`row-${number}`}>
    <a class=${`row${isChosen ? ' chosen' : ''}`} href=${`/bandeja/${number}`} aria-current=${isChosen ? 'true' : undefined}>
      <span class="top"><strong>${row.organization?.name ?? row.senderName}</strong><${Due} signs=${signs} /></span>
      <span class="subject">${row.subject}</span>
      <span class="below"><span class="code">${number}</span>${showsOffice && ` · ${row.office.name}`}${' '}
        ${showsStatus && html`<${Status} status=${row.status} />`}<${Signs} signs=${signs} channel=${row.channel} /></span>
    </a></li>`;
}

/**
 * @param {{rows: any[], list: any, filter: any, chosen?: string, trouble: string, mark: any,
 *   onAgain: () => void, onMore: () => void, onKeys: () => void}} props `mark`: whether the list is live
 */
export function List({ rows, list, filter, chosen, trouble, onAgain, onMore, mark, onKeys }) {
  const set = (/** @type {object} */ more) => { filter.value = { ...filter.value, ...more }; };
  const { offices } = person.value;
  const isAll = filter.value.view === 'all';
  return html`<section class="list" aria-labelledby="list-title">
    <${chosen ? 'h2' : 'h1'} class="title" id="list-title">${t('inbox.title')}${' '}${mark}</${chosen ? 'h2' : 'h1'}>
    <${Search} initial=${filter.value.text} onSearch=${set} />
    <${Views} chosen=${filter.value.view} onChoose=${set} />
    ${offices.length > 1 && html`<${OfOffice} offices=${offices} chosen=${filter.value.officeCode} onChoose=${set} />`}
    <p class="count" role="status">${list && counted(list.totalCount, isAll)}</p>
    ${trouble && html`<${NotHad} why=${trouble} onAgain=${onAgain} />`}
    <div class="rows-of">
      <ul>${rows.map((row) => html`<${Row} key=${row.number} row=${row} isChosen=${row.number === chosen}
        showsStatus=${isAll} showsOffice=${offices.length !== 1} />`)}</ul>
      <${More} pageInfo=${list?.pageInfo} shown=${rows.length} onMore=${onMore} />
    </div>
    <p class="feet"><button type="button" class="link" onClick=${onKeys}>${t('keys.title')}${' '}<kbd>?</kbd></button>
      <label class="switch"><input type="checkbox" checked=${areOn.value} onChange=${(event) => turn(event.target.checked)} />${t('keys.on')}</label></p>
  </section>`;
}

/** @param {{count: number, isExact: boolean}} total @param {boolean} isAll of all trámites, not only of those that wait */
function counted({ count, isExact }, isAll) {
  return t(isAll ? 'inbox.count.all' : 'inbox.count', { count, shown: inWords(count), more: isExact ? '' : '+' });
}

/** Whoever searches means all trámites; what is emptied shows at once what was there before. */
function Search({ initial, onSearch }) {
  const text = useSignal(initial);
  const search = (event) => {
    event.preventDefault();
    onSearch({ text: text.value, ...(text.value.trim() && { view: 'all' }) });
  };
  const write = (event) => {
    text.value = event.target.value;
    if (!text.value) onSearch({ text: '' });
  };
  return html`<form role="search" class="seek" onSubmit=${search}>
    <label class="unseen" for="desk-search">${t('inbox.search')}</label>
    <input id="desk-search" type="search" placeholder=${t('inbox.search.what')} maxlength="200" value=${text.value} onInput=${write} />
    <button>${t('inbox.search.button')}</button>
  </form>`;
}

const Views = ({ chosen, onChoose }) => html`<fieldset class="chips"><legend class="unseen">${t('inbox.view')}</legend>
  ${VIEWS.map((view) => html`<label class="chip" key=${view}>
    <input type="radio" name="view" checked=${view === chosen} onChange=${() => onChoose({ view })} /><span>${t(`inbox.view.${view}`)}</span>
  </label>`)}</fieldset>`;

const OfOffice = ({ offices, chosen, onChoose }) => html`<label class="office">${t('inbox.office')}
  <select value=${chosen} onChange=${(event) => onChoose({ officeCode: event.target.value })}>
    <option value="">${t('inbox.office.all')}</option>
    ${offices.map((office) => html`<option value=${office.code} key=${office.code}>${office.name}</option>`)}
  </select></label>`;
