// Load, waiting and lateness: as bars, and every figure of them as a table.
// @ts-check
import { html, useEffect, useId, useSignal } from '../base.js';
import { Report } from '../api.gen.js';
import { fetched, save } from '../bytes.js';
import { sentenceOf } from '../parts/basics.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { counter } from '../session.js';
import { addTexts, day, duration, number, shortDay, t } from '../texts.js';
import texts from '../../texts/es-PE.reports.js';
import { Filter } from './pages.js';
import './style.js';

addTexts(texts);

const GROUPS = ['OFFICE', 'DOCUMENT_KIND', 'STATUS', 'CHANNEL', 'DAY'];
const COUNTS = ['filed', 'observed', 'corrected', 'referred', 'resolved', 'voided', 'waiting', 'late'];
const STEPS = ['RECEPTION', 'OBSERVATION', 'CORRECTION', 'RESOLUTION'];
const MONTH_DAYS = 30;

export const isWide = true;

/** A day of Lima, some days ago, as YYYY-MM-DD. @param {number} days */
const ago = (days) => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Lima' }).format(Date.now() - days * 86_400_000);

export default function ReportsPage() {
  useEffect(() => arrive(t('report.title')), []);
  const asked = useSignal({ from: ago(MONTH_DAYS), to: ago(0), groupBy: 'OFFICE', office: '' });
  const { from, to, groupBy, office } = asked.value;
  const loaded = useLoaded(Report, /** @type {any} */ ({ from, to, groupBy, officeCodes: office ? [office] : null }));
  const set = (/** @type {object} */ more) => { asked.value = { ...asked.value, ...more }; };
  const offices = counter.value.offices.map((each) => [each.code, each.name]);
  return html`<h1>${t('report.title')}</h1>
    <form class="search filters" onSubmit=${(event) => event.preventDefault()}>
      <label>${t('report.from')}
        <input type="date" value=${from} max=${to} onChange=${(event) => event.target.value && set({ from: event.target.value })} /></label>
      <label>${t('report.to')}
        <input type="date" value=${to} min=${from} onChange=${(event) => event.target.value && set({ to: event.target.value })} /></label>
      <${Filter} label=${t('report.group')} value=${groupBy} choices=${GROUPS.map((each) => [each, t(`report.group.${each}`)])}
        onChange=${(value) => set({ groupBy: value })} />
      <${Filter} label=${t('report.office')} value=${office} choices=${[['', t('report.office.all')], ...offices]}
        onChange=${(value) => set({ office: value })} />
    </form>
    <${Loaded} loaded=${loaded}>${({ report }) => (report?.lines.length ? html`<${Told} report=${report} asked=${asked.value} />`
      : html`<p role="status">${t('report.none')}</p>`)}</${Loaded}>`;
}

function Told({ report, asked }) {
  const { fromOn, toOn, lines, groupBy } = report;
  const chosen = counter.value.offices.find((each) => each.code === asked.office)?.name;
  const office = chosen ?? (asked.office || t('report.office.whole'));
  return html`<p role="status">${t('report.period', { from: day(fromOn), to: day(toOn), office })}</p>
    <${Charts} report=${report} />
    <h2 id="report-table">${t('report.table')}</h2>
    <${Figures} lines=${lines} heading=${t(`report.group.${groupBy ?? asked.groupBy}`)} />
    <${Fetch} asked=${asked} />`;
}

/** How long a step took at the median, in seconds; null if nothing took it. @param {any} line @param {string} step @returns {number | null} */
const median = (line, step) => line.times.find((each) => each.step === step)?.medianSeconds ?? null;
const inWords = (/** @type {number | null} */ seconds) => (seconds === null ? t('report.no-time') : duration(seconds));

/** Those that wait, and how many of them are late. @param {any} line */
const waitingOf = ({ waiting, late }) => (late
  ? t('report.waiting.of', { count: late, waiting: number(waiting), late: number(late) }) : number(waiting));

function Charts({ report: { lines, waitingOn } }) {
  return html`<div class="charts">
    <${Bars} title=${t('report.load')} lines=${lines} value=${(line) => line.filed} words=${(line) => number(line.filed)} />
    <${Bars} title=${t('report.waiting', { day: shortDay(waitingOn) })} hint=${t('report.waiting.hint')} lines=${lines}
      value=${(line) => line.waiting} part=${(line) => line.late} words=${waitingOf} />
    <${Bars} title=${t('report.reception')} hint=${t('report.median')} lines=${lines}
      value=${(line) => median(line, 'RECEPTION') ?? 0} words=${(line) => inWords(median(line, 'RECEPTION'))} />
    <${Bars} title=${t('report.resolution')} hint=${t('report.median')} lines=${lines}
      value=${(line) => median(line, 'RESOLUTION') ?? 0} words=${(line) => inWords(median(line, 'RESOLUTION'))} />
  </div>`;
}

function Figures({ lines, heading }) {
  return html`<div class="scroller" tabindex="0" role="region" aria-labelledby="report-table"><table class="figures">
    <thead><tr>
      <th scope="col">${heading}</th>
      ${COUNTS.map((each) => html`<th scope="col" class="number" key=${each}>${t(`report.count.${each}`)}</th>`)}
      ${STEPS.map((each) => html`<th scope="col" class="number" key=${each}>${t(`report.step.${each}`)}</th>`)}
    </tr></thead>
    <tbody>${lines.map((line) => html`<tr key=${line.key ?? ''}>
      <th scope="row">${line.label}</th>
      ${COUNTS.map((each) => html`<td class="number" key=${each}>${number(line[each])}</td>`)}
      ${STEPS.map((each) => html`<td class="number" key=${each}>${inWords(median(line, each))}</td>`)}
    </tr>`)}</tbody>
  </table></div>`;
}

/** A bar for each line of which there is something, as wide as its share of the greatest; a part of it hatched. The words say what the bar shows. */
function Bars({ title, lines, value, part, words, hint }) {
  const shown = lines.filter((line) => value(line) > 0);
  const most = Math.max(1, ...shown.map(value));
  return html`<figure class="card bars">
    <figcaption><strong>${title}</strong>${hint && html`<span class="hint"> ${hint}</span>`}</figcaption>
    ${shown.length ? html`<ul class="plain">${shown.map((line) => html`<li key=${line.key ?? ''}>
      <span class="label">${line.label}</span><span class="words">${words(line)}</span>
      <${Bar} whole=${value(line) / most} part=${part && part(line) / most} />
    </li>`)}</ul>` : html`<p class="hint">${t('report.nothing')}</p>`}
  </figure>`;
}

/** @param {{whole: number, part?: number}} props of the width */
function Bar({ whole, part }) {
  const id = useId();
  return html`<svg height="14" width="100%" aria-hidden="true">
    ${part !== undefined && html`<defs><pattern id=${id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <line y2="6" /></pattern></defs>`}
    <rect class="whole" height="14" rx="2" width=${percent(whole)} />
    ${part !== undefined && part > 0 && html`<rect height="14" rx="2" fill=${`url(#${id})`} width=${percent(part)} />`}
  </svg>`;
}

const percent = (/** @type {number} */ share) => `${100 * share}%`;

/** The same figures as a file for a spreadsheet. */
function Fetch({ asked }) {
  const problem = useSignal('');
  const press = async () => {
    const { from, to, groupBy, office } = asked;
    const query = new URLSearchParams({ from, to, groupBy, ...(office && { officeCodes: office }) });
    try {
      save(await fetched(`/reports?${query}`));
      problem.value = '';
    } catch (error) { problem.value = sentenceOf(error); }
  };
  return html`<div class="buttons"><button type="button" onClick=${press}>${t('report.csv')}</button></div>
    ${problem.value && html`<p class="problem" role="alert">${problem.value}</p>`}`;
}
