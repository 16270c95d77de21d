// The hours of each office, whether it is open, how what is sent outside of them is dated, and the days that do not count.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { OfficeDays } from '../api.gen.js';
import { Facts } from '../parts/basics.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { counter } from '../session.js';
import { addTexts, day, dayOfWeek, hour, t, thisYear, whenSoon } from '../texts.js';
import texts from '../../texts/es-PE.public.js';

addTexts(texts);

const YEARS = 2;

export default function HoursPage() {
  const offices = counter.value.offices.filter((office) => office.isOpenForFiling);
  const code = useSignal(offices[0]?.code ?? '');
  useEffect(() => arrive(t('hours.title')), []);
  const office = offices.find((each) => each.code === code.value);
  return html`<h1>${t('hours.title')}</h1><p class="lead">${t('hours.lead')}</p>
    ${offices.length > 1 && html`<div class="field narrow"><label for="office">${t('hours.office')}</label>
      <select id="office" value=${code.value} onChange=${(event) => { code.value = event.target.value; }}>
        ${offices.map((each) => html`<option value=${each.code} key=${each.code}>${each.name}</option>`)}</select></div>`}
    ${office && html`<${Office} office=${office} key=${office.code} />`}
    ${offices.length > 1 && html`<${All} offices=${offices} />`}`;
}

function Office({ office }) {
  const year = useSignal(thisYear());
  const loaded = useLoaded(OfficeDays, { officeCode: office.code, year: year.value });
  return html`<${Loaded} loaded=${loaded}>${({ openingHours, calendar }) => html`
    <${Now} office=${office} now=${openingHours} />
    <h2>${t('hours.closed', { office: office.name })}</h2>
    <p>${t('hours.closed.what')}</p>
    <div class="field narrow"><label for="year">${t('hours.year')}</label>
      <select id="year" class="short" value=${year.value} onChange=${(event) => { year.value = Number(event.target.value); }}>
        ${Array.from({ length: YEARS }, (_, more) => thisYear() + more).map((each) => html`<option value=${each} key=${each}>${each}</option>`)}</select></div>
    <${ClosedDays} days=${calendar.closedDays} year=${year.value} />`}</${Loaded}>`;
}

function Now({ office, now }) {
  const { opensAt, closesAt } = office.hours;
  return html`<section class=${`notice ${now.isOpen ? 'good' : ''}`} aria-live="polite" aria-labelledby="now">
    <h2 id="now">${t(now.isOpen ? 'hours.open' : 'hours.shut', { office: office.name })}</h2>
    <p>${now.isOpen ? t('hours.until', { time: hour(closesAt) }) : t('hours.opens', { when: whenSoon(now.nextOpening) })}</p>
    <p>${t('hours.of', { from: hour(opensAt), to: hour(closesAt) })}</p>
    <p><strong>${t('hours.sent-now', { day: day(now.filedOnIfSentNow) })}</strong></p></section>
    <h2>${t('hours.rule')}</h2><p>${now.rule.text}</p><p class="hint">${now.rule.source}</p>`;
}

function ClosedDays({ days, year }) {
  if (!days.length) return html`<p>${t('hours.closed.none', { year })}</p>`;
  const usual = mostFrequent(days.map((each) => each.source));
  return html`<table><caption>${t('hours.closed.in', { year })}</caption>
    <thead><tr><th scope="col">${t('hours.day')}</th><th scope="col">${t('hours.reason')}</th></tr></thead>
    <tbody>${days.map((each) => html`<tr key=${each.day}><td>${dayOfWeek(each.day)}</td>
      <td>${each.reason}${each.source && each.source !== usual && html`<br /><small>${each.source}</small>`}</td></tr>`)}</tbody></table>
    ${usual && html`<p class="hint">${t('hours.closed.usual', { source: usual })}</p>`}`;
}

/** The law that most of the days come from is said once. @param {(string | null)[]} sources */
function mostFrequent(sources) {
  const times = (/** @type {string | null} */ source) => sources.filter((each) => each === source).length;
  return sources.reduce((best, each) => (times(each) > times(best) ? each : best), sources[0]);
}

/** Offices under their hours: mostly all have the same. */
function All({ offices }) {
  const said = offices.map(({ name, hours }) => [t('hours.of', { from: hour(hours.opensAt), to: hour(hours.closesAt) }), name]);
  const spans = [...new Set(said.map(([span]) => span))];
  const namesOf = (/** @type {string} */ span) => said.filter(([its]) => its === span).map(([, name]) => html`<li key=${name}>${name}</li>`);
  return html`<h2>${t('hours.all')}</h2><${Facts} rows=${spans.map((span) => [span, html`<ul class="plain">${namesOf(span)}</ul>`])} />`;
}
