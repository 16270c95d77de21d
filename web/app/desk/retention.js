// For how long each kind of data is kept, what is past its time, and whether that is erased.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { RetentionPeriods, SetRetentionPeriod, SwitchErasing } from '../api.gen.js';
import { TextField } from '../parts/basics.js';
import { RadioField } from '../parts/choices.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { person } from '../session.js';
import { dateTime, number, t } from '../texts.js';
import { Change, Unfolded } from './changing.js';
import { useOutcome } from './pages.js';

export default function RetentionPage() {
  const loaded = useLoaded(RetentionPeriods, {});
  useEffect(() => arrive(t('retention.title')), []);
  return html`<h1>${t('retention.title')}</h1><p class="lead">${t('retention.lead')}</p>
    <${Loaded} loaded=${loaded}>${(data) => html`<${Retention} ...${data} again=${loaded.again} />`}</${Loaded}>`;
}

function Retention({ retention, retentionPreview: overdue, retentionVersions: versions, again }) {
  const { isApplied, periods, version } = retention;
  const asked = useSignal(/** @type {any} */ (null));
  const { say, outcome } = useOutcome();
  const manages = person.value.role === 'ADMINISTRATOR';
  const labels = Object.fromEntries(periods.map((each) => [each.kind, each.label]));
  const close = () => { asked.value = null; };
  const common = { version, onStale: again, onClose: close, onDone: async () => { close(); await again(); say(t('retention.done')); } };
  return html`${outcome}
    <${Erasing} isApplied=${isApplied} onSwitch=${manages && (() => { asked.value = 'switch'; })} />
    <section aria-labelledby="overdue">
      <h2 id="overdue">${t('retention.overdue')}</h2><p class="hint">${t('retention.overdue.what')}</p><${Overdue} overdue=${overdue} /></section>
    <section aria-labelledby="periods"><h2 id="periods">${t('retention.periods')}</h2>
      <ul class="rows tops">${periods.map((each) => html`<li key=${each.kind}>
        <div><h3>${each.label}: ${each.period}</h3><p>${each.erasure}</p><p class="hint">${each.basis}</p></div>
        ${manages && (each.leastDays !== null || each.mayBeAlways) && html`<button type="button"
          onClick=${() => { asked.value = each.kind; }}>${t('change')}<span class="unseen">: ${each.label}</span></button>`}</li>`)}</ul></section>
    <${Unfolded} title=${t('retention.versions')}>${() => html`<${Versions} versions=${versions} labels=${labels} />`}</${Unfolded}>
    ${asked.value === 'switch' && html`<${Switch} isApplied=${isApplied} overdue=${overdue} common=${common} />`}
    ${asked.value && asked.value !== 'switch' && html`<${Period} period=${periods.find((each) => each.kind === asked.value)} common=${common} />`}`;
}

/** Whether anything is erased at all. */
function Erasing({ isApplied, onSwitch }) {
  return html`<section aria-labelledby="erasing"><h2 id="erasing">${t('retention.erasing')}</h2>
    <div class=${`notice ${isApplied ? 'bad' : ''}`}><p>
      <strong>${t(isApplied ? 'retention.on' : 'retention.off')}</strong>${' '}
      ${t(isApplied ? 'retention.on.what' : 'retention.off.what')}</p></div>
    ${onSwitch && html`<p>
      <button type="button" class=${isApplied ? '' : 'danger'}
        onClick=${onSwitch}>${t(isApplied ? 'retention.switch-off' : 'retention.switch-on')}</button></p>`}</section>`;
}

function Overdue({ overdue }) {
  const past = overdue.filter((each) => each.count || each.heldCount);
  if (!past.length) return html`<p>${t('retention.overdue.none')}</p>`;
  return html`<ul class="rows tops">${past.map(({ kind, label, count, before, heldCount, examples }) => html`<li key=${kind}><div>
    <strong>${label}: ${t('retention.count', { count, amount: number(count) })}</strong>
    <p class="hint">${t('retention.before', { at: dateTime(before) })}${heldCount > 0 && ` · ${held(heldCount)}`}</p>
    ${examples.length > 0 && html`<${Unfolded} title=${t('retention.examples')}>${() => html`<p class="code">${examples.join(', ')}</p>`}</${Unfolded}>`}
  </div></li>`)}</ul>`;
}

/** @param {number} count */
const held = (count) => t('retention.held', { count, amount: number(count) });

function Versions({ versions, labels }) {
  if (!versions.length) return html`<p>${t('retention.versions.none')}</p>`;
  const words = ({ kind, days }) => `${labels[kind]}: ${days === null ? t('retention.always') : t('policy.days', { count: days })}`;
  return html`<ul class="rows">${versions.map((each) => html`<li key=${each.version}><div>
    <strong>${t('retention.version', each)}</strong>
    <p class="hint">${dateTime(each.madeAt)} · ${t(each.isApplied ? 'retention.on' : 'retention.off')}</p>
    <ul class="plain">${each.periods.map((one) => html`<li key=${one.kind}>${words(one)}</li>`)}</ul>
  </div></li>`)}</ul>`;
}

function Switch({ isApplied, overdue, common }) {
  const count = overdue.reduce((sum, each) => sum + each.count, 0);
  const words = t('retention.switch-on.count', { count, amount: number(count) });
  const what = isApplied ? t('retention.switch-off.what') : html`<strong>${t('retention.switch-on.what')}</strong>${' '}${words}`;
  return html`<${Change} ...${common} name="retention.switch" title=${t(isApplied ? 'retention.switch-off.title' : 'retention.switch-on.title')} what=${what}
    initial=${{}} now=${html`<p>${t(isApplied ? 'retention.on' : 'retention.off')}</p>`} operation=${SwitchErasing}
    input=${() => ({ isApplied: !isApplied })} button=${t(isApplied ? 'retention.switch-off' : 'retention.switch-on')} isDanger=${!isApplied} />`;
}

function Period({ period, common }) {
  const { kind, label, days, leastDays, mayBeAlways } = period;
  const input = ({ always, days: wished }) => ({ kind, days: always === 'yes' ? null : Number(wished) });
  return html`<${Change} ...${common} name=${`retention.${kind}`} title=${label} what=${period.erasure}
    initial=${{ always: days === null ? 'yes' : 'no', days: String(days ?? leastDays ?? '') }} now=${html`<p>${label}: ${period.period}</p>`}
    operation=${SetRetentionPeriod} input=${input} button=${t('change.save')}>${(form) => html`
      ${mayBeAlways && html`<${RadioField} form=${form} name="always" label=${t('retention.for')}
        choices=${[['yes', t('retention.always')], ['no', t('retention.so-long')]]} />`}
      ${(!mayBeAlways || form.values.value.always === 'no') && html`<${TextField} form=${form} name="days" label=${t('retention.days')}
        hint=${leastDays === null ? t('retention.days.hint') : t('retention.days.least', { count: leastDays, days: number(leastDays) })} type="number"
          class="short" inputmode="numeric" />`}`}</${Change}>`;
}
