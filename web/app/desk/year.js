// A year of an office: twelve months with the days that do not count, each day's name and its law below.
// @ts-check
import { html } from '../base.js';
import { month, t, weekday } from '../texts.js';

const MONTHS = Array.from({ length: 12 }, (_, at) => at + 1);
const WEEK = [1, 2, 3, 4, 5, 6, 7];

/** @param {{year: number, closedDays: {day: string, reason: string, source: string | null}[]}} props */
export function Year({ year, closedDays }) {
  return html`<div class="year">${MONTHS.map((each) => {
    const prefix = `${year}-${String(each).padStart(2, '0')}-`;
    return html`<${Month} key=${each} year=${year} of=${each} closed=${closedDays.filter((one) => one.day.startsWith(prefix))} />`;
  })}</div>`;
}

function Month({ year, of, closed }) {
  const byDay = new Map(closed.map((each) => [Number(each.day.slice(8)), each]));
  return html`<section class="month" aria-label=${month(of)}><h3>${month(of)}</h3>
    <${Grid} year=${year} of=${of} byDay=${byDay} />
    ${closed.length
      ? html`<ul class="plain">${closed.map((each) => html`<${ClosedDay} key=${each.day} ...${each} />`)}</ul>`
      : html`<p class="hint">${t('calendar.month.none')}</p>`}
  </section>`;
}

const ClosedDay = ({ day, reason, source }) => html`<li>
  <strong>${t('calendar.on', { weekday: weekday(day), day: Number(day.slice(8)) })}</strong> ${reason}
  ${source && html`<span class="hint">${source}</span>`}</li>`;

/** What the list says, for the eye only. */
function Grid({ year, of, byDay }) {
  const before = (new Date(Date.UTC(year, of - 1, 1)).getUTCDay() + 6) % 7;
  const length = new Date(Date.UTC(year, of, 0)).getUTCDate();
  const classOf = (/** @type {number} */ at) => (byDay.has(at + 1) ? 'closed' : (before + at) % 7 > 4 ? 'weekend' : '');
  return html`<div class="days" aria-hidden="true">
    ${WEEK.map((each) => html`<span class="of-week" key=${`w${each}`}>${weekday(`2024-01-0${each}`, 'narrow')}</span>`)}
    ${Array.from({ length: before }, (_, at) => html`<span key=${`b${at}`}></span>`)}
    ${Array.from({ length }, (_, at) => html`<span key=${at} class=${classOf(at)}>${at + 1}</span>`)}
  </div>`;
}
