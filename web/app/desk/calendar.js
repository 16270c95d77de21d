// The days on which an office does not work, a year at a glance; declaring them one by one or by a file.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { Administration, CalendarVersions, DeclareDays, ImportDays, YearOfOffice } from '../api.gen.js';
import { SelectField, TextField } from '../parts/basics.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { counter, person } from '../session.js';
import { dateTime, day, number, t } from '../texts.js';
import { Change, dayFromNow, Unfolded } from './changing.js';
import { Filter, Pages, useOutcome, usePages } from './pages.js';
import { Year } from './year.js';

const MOST_DAYS = 100;
const FIELDS = ['day', 'name', 'source', 'officeCode', 'isClosed'];

export default function CalendarPage() {
  const administration = useLoaded(Administration, {});
  const shown = useSignal({ officeCode: counter.value.offices[0]?.code ?? '', year: Number(dayFromNow(0).slice(0, 4)) });
  const { officeCode, year } = shown.value;
  const loaded = useLoaded(YearOfOffice, shown.value);
  const asked = useSignal('');
  const { say, outcome } = useOutcome();
  useEffect(() => arrive(t('calendar.title')), []);
  const set = (/** @type {object} */ more) => { shown.value = { ...shown.value, ...more }; };
  const again = async () => { await Promise.all([administration.again(), loaded.again()]); };
  const close = () => { asked.value = ''; };
  const done = (/** @type {string} */ words) => async () => { close(); await again(); say(words); };
  const version = administration.data?.administration?.calendarVersion;
  const Asked = FORMS[/** @type {keyof typeof FORMS} */ (asked.value)];
  return html`<h1>${t('calendar.title')}</h1><p class="lead">${t('calendar.lead')}</p>${outcome}
    ${person.value.role === 'ADMINISTRATOR' && version && html`<div class="buttons"><button type="button" class="primary"
      onClick=${() => { asked.value = 'declare'; }}>${t('calendar.declare')}</button>
      <button type="button" onClick=${() => { asked.value = 'import'; }}>${t('calendar.import')}</button></div>`}
    <form class="search" onSubmit=${(event) => event.preventDefault()}>
      <${Filter} label=${t('calendar.office')} value=${officeCode} choices=${counter.value.offices.map((each) => [each.code, each.name])}
        onChange=${(value) => set({ officeCode: value })} />
      <button type="button" onClick=${() => set({ year: year - 1 })}>${t('calendar.before', { year: year - 1 })}</button>
      <button type="button" onClick=${() => set({ year: year + 1 })}>${t('calendar.after', { year: year + 1 })}</button></form>
    <${Loaded} loaded=${loaded}>${({ calendar: { closedDays } }) => html`
      <h2 aria-live="polite">${t('calendar.year', { year, days: t('calendar.days', { count: closedDays.length }) })}</h2>
      <${Year} year=${year} closedDays=${closedDays} />`}</${Loaded}>
    <h2>${t('calendar.versions')}</h2><p class="hint">${t('calendar.versions.what')}</p>
    <${Unfolded} title=${t('calendar.versions.show')}>${() => html`<${Versions} key=${version} />`}</${Unfolded}>
    ${Asked && html`<${Asked} version=${version} onStale=${again} onDone=${done(t(`calendar.${asked.value}.done`))} onClose=${close} />`}`;
}

function Versions() {
  const pages = usePages(CalendarVersions, 'calendarVersions', {});
  return html`<${Pages} pages=${pages} none=${t('calendar.versions.none')}>${(nodes) => html`<ul class="rows">
    ${nodes.map((each) => html`<li key=${each.name}><div>
      <strong>${each.change}</strong>
      <p class="hint">${dateTime(each.madeAt)} · <span class="code">${each.name}</span></p>
    </div></li>`)}</ul>`}</${Pages}>`;
}

const ofDay = (/** @type {number} */ at, /** @type {string} */ field) => `days.${at}.${field}`;

/** The days, as the API wants them, of what was typed under the paths of the API. @param {any} values */
const daysOf = (values) => Array.from({ length: values.rows }, (_, at) => {
  const [on, name, source, officeCode, isClosed] = FIELDS.map((field) => values[ofDay(at, field)] ?? '');
  return { day: on, name, source, officeCode: officeCode || null, isClosed: isClosed !== 'no' };
});

/** The fields of one of the days. */
function DayFields({ form, at }) {
  const offices = counter.value.offices.map((each) => [each.code, each.name]);
  const name = (/** @type {string} */ field) => ofDay(at, field);
  return html`<${TextField} form=${form} name=${name('day')} label=${t('calendar.day')} hint=${t('calendar.day.hint')} type="date" class="short" />
    <${TextField} form=${form} name=${name('name')} label=${t('calendar.name')} hint=${t('calendar.name.hint')} maxlength="120" />
    <${TextField} form=${form} name=${name('source')} label=${t('calendar.source')} hint=${t('calendar.source.hint')} maxlength="200" />
    <div class="pair">
      <${SelectField} form=${form} name=${name('officeCode')} label=${t('calendar.for')} empty=${t('calendar.all')} choices=${offices} />
      <${SelectField} form=${form} name=${name('isClosed')} label=${t('calendar.counts')}
        choices=${[['yes', t('calendar.closed')], ['no', t('calendar.open')]]} />
    </div>`;
}

/** What a day is called among several. @param {number} at @param {string} on */
const nth = (at, on) => t('calendar.nth', { at: at + 1, day: on ? day(on) : '' });

function Declare({ version, onStale, onDone, onClose }) {
  return html`<${Change} name="calendar.declare" title=${t('calendar.declare')} what=${t('calendar.declare.what')} initial=${{ rows: 1 }} version=${version}
    operation=${DeclareDays} days=${({ rows }) => Array.from({ length: rows }, (_, at) => ofDay(at, 'day'))} input=${(values) => ({ days: daysOf(values) })}
    button=${t('calendar.declare.button')} onDone=${onDone} onStale=${onStale} onClose=${onClose}>${(form) => {
      const { rows, ...values } = form.values.value;
      return html`${Array.from({ length: rows }, (_, at) => html`<fieldset class="one-day" key=${at}>
          <legend>${rows > 1 ? nth(at, values[ofDay(at, 'day')]) : t('calendar.one')}</legend><${DayFields} form=${form} at=${at} /></fieldset>`)}
        <p class="row-deeds">
          ${rows < MOST_DAYS && html`<button type="button" onClick=${() => form.set('rows', rows + 1)}>${t('calendar.more')}</button>`}
          ${rows > 1 && html`<button type="button" onClick=${() => form.set('rows', rows - 1)}>${t('calendar.less')}</button>`}
        </p>`;
    }}</${Change}>`;
}

function Import({ version, onStale, onDone, onClose }) {
  const read = async (form, event) => {
    const file = event.target.files[0];
    if (file) form.set('csv', await file.text());
  };
  return html`<${Change} name="calendar.import" title=${t('calendar.import')} what=${t('calendar.import.what')} initial=${{ csv: '' }} version=${version}
    operation=${ImportDays} input=${({ csv }) => ({ csv })}
    button=${t('calendar.import.button')} onDone=${onDone} onStale=${onStale} onClose=${onClose}>${(form) => html`
      <pre class="record" tabindex="0" role="region" aria-label=${t('calendar.example')}>${t('calendar.csv.example')}</pre>
      <div class="field"><label for="file">${t('calendar.file')}</label><input type="file" id="file" accept=".csv,text/csv,text/plain"
        onChange=${(event) => read(form, event)} /></div>
      <${TextField} form=${form} name="csv" label=${t('calendar.csv')} hint=${linesOf(form.values.value.csv)} rows="8" spellcheck=${false} />`}</${Change}>`;
}

const FORMS = { declare: Declare, import: Import };

/** How many days a file has, below its heading. @param {string} csv */
function linesOf(csv) {
  const count = Math.max(0, csv.split('\n').filter((each) => each.trim()).length - 1);
  return t('calendar.csv.lines', { count, lines: number(count) });
}
