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
  return html`<h1>${t('report.title')}</h1>
    <form class="search filters" onSubmit=${(event) => event.preventDefault()}>
      <label>${t('report.from')}<input type="date" value=${from} max=${to} onChange=${(event) => event.target.value && set({ from: event.target.value })}
        /></label>
      <label>${t('report.to')}<input type="date" value=${to} min=${from} onChange=${(event) => event.target.value && set({ to: event.target.value })} /></label>
      <label>${t('report.group')}<select value=${groupBy} onChange=${(event) => set({ groupBy: event.target.value })}>${GROUPS.map((each) => html`<option
        value=${each} key=${each}>${t(`report.group.${each}`)}</option>`)}</select></label>
      <label>${t('report.office')}<select value=${office} onChange=${(event) => set({ office: event.target.value })}><option
        value="">${t('report.office.all')}</option>
        ${counter.value.offices.map((each) => html`<option value=${each.code} key=${each.code}>${each.name}</option>`)}</select></label>
    </form>
    <${Loaded} loaded=${loaded}>${({ report }) => (report?.lines.length ? html`<${Told} report=${report} asked=${asked.value} />`
      : html`<p role="status">${t('report.none')}</p>`)}</${Loaded}>`;
}

function Told({ report, asked }) {
  const { lines } = report;
  const { office } = asked;
  const median = (line, step) => line.times.find((each) => each.step === step)?.medianSeconds ?? null;
  return html`<p role="status">${t('report.period', { from: day(report.fromOn), to: day(report.toOn),
    office: office ? counter.value.offices.find((each) => each.code === office)?.name ?? office : t('report.office.whole') })}</p>
    <div class="charts">
      <${Bars} title=${t('report.load')} lines=${lines} value=${(line) => line.filed} words=${(line) => number(line.filed)} />
      <${Bars} title=${t('report.waiting', { day: shortDay(report.waitingOn) })} lines=${lines} value=${(line) => line.waiting} part=${(line) => line.late}
        words=${(line) => (line.late ? t('report.waiting.of', { count: line.late, waiting: number(line.waiting), late: number(line.late) })
          : number(line.waiting))} hint=${t('report.waiting.hint')} />
      <${Bars} title=${t('report.reception')} lines=${lines} value=${(line) => median(line, 'RECEPTION') ?? 0}
        words=${(line) => inWords(median(line, 'RECEPTION'))} hint=${t('report.median')} />
      <${Bars} title=${t('report.resolution')} lines=${lines} value=${(line) => median(line, 'RESOLUTION') ?? 0}
        words=${(line) => inWords(median(line, 'RESOLUTION'))} hint=${t('report.median')} />
    </div>
    <h2 id="report-table">${t('report.table')}</h2>
    <div class="scroller" tabindex="0" role="region" aria-labelledby="report-table"><table class="figures"><thead><tr><th
      scope="col">${t(`report.group.${report.groupBy ?? asked.groupBy}`)}</th>
      ${COUNTS.map((each) => html`<th scope="col" class="number" key=${each}>${t(`report.count.${each}`)}</th>`)}${STEPS.map((each) => html`<th scope="col"
        class="number" key=${each}>${t(`report.step.${each}`)}</th>`)}</tr></thead>
      <tbody>${lines.map((line) => html`<tr key=${line.key ?? ''}><th scope="row">${line.label}</th>${COUNTS.map((each) => html`<td class="number"
        key=${each}>${number(line[each])}</td>`)}
        ${STEPS.map((each) => html`<td class="number" key=${each}>${inWords(median(line, each))}</td>`)}</tr>`)}</tbody></table></div>
    <${Fetch} asked=${asked} />`;
}

const inWords = (/** @type {number | null} */ seconds) => (seconds === null ? t('report.no-time') : duration(seconds));

/** A bar for each line of which there is something, as wide as its share of the greatest; a part of it hatched. The words say what the bar shows. */
function Bars({ title, lines, value, part, words, hint }) {
  const id = useId();
  const shown = lines.filter((line) => value(line) > 0);
  const most = Math.max(1, ...shown.map(value));
  const share = (/** @type {number} */ amount) => `${(100 * amount) / most}%`;
  return html`<figure class="card bars"><figcaption><strong>${title}</strong>${hint && html`<span class="hint"> ${hint}</span>`}</figcaption>
    ${shown.length ? html`<ul class="plain">${shown.map((line) => html`<li key=${line.key ?? ''}><span class="label">${line.label}</span><span
      class="words">${words(line)}</span>
      <svg height="14" width="100%" aria-hidden="true">${part && html`<defs><pattern id=${`${id}-${line.key}`} width="6" height="6"
        patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line y2="6" /></pattern></defs>`}
        <rect class="whole" height="14" rx="2" width=${share(value(line))}
          />${part && part(line) > 0 && html`<rect height="14" rx="2" fill=${`url(#${id}-${line.key})`} width=${share(part(line))} />`}</svg></li>`)}</ul>`
            : html`<p class="hint">${t('report.nothing')}</p>`}</figure>`;
}

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
