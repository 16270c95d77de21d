// The offices: their names, their order, whether they take documents, and their hours.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { AddOffice, Administration, ChangeHours, RenameOffice, ReopenOffice, ReorderOffices, RetireOffice } from '../api.gen.js';
import { TextField } from '../parts/basics.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { learnCounter, person } from '../session.js';
import { dateTime, hour, shortDay, t } from '../texts.js';
import { Change, dayFromNow } from './changing.js';
import { Order } from './order.js';
import { useOutcome } from './pages.js';

export default function OfficesPage() {
  const loaded = useLoaded(Administration, {});
  useEffect(() => arrive(t('office.title')), []);
  return html`<h1>${t('office.title')}</h1><p class="lead">${t('office.lead')}</p>
    <${Loaded} loaded=${loaded}>${({ administration }) => html`<${Offices} administration=${administration} again=${loaded.again} />`}</${Loaded}>`;
}

function Offices({ administration, again }) {
  const { offices, officesVersion } = administration;
  const asked = useSignal(/** @type {{what: string, code?: string} | null} */ (null));
  const { say, outcome } = useOutcome();
  const close = () => { asked.value = null; };
  const done = (/** @type {string} */ words) => async () => { close(); await Promise.all([again(), learnCounter()]); say(words); };
  const manages = person.value.role === 'ADMINISTRATOR';
  const ask = (/** @type {string} */ what, /** @type {string} */ code) => { asked.value = { what, code }; };
  return html`${outcome}
    ${manages && html`<div class="buttons"><button type="button" class="primary" onClick=${() => ask('add', '')}>${t('office.add')}</button>
      ${offices.length > 1 && html`<button type="button" onClick=${() => ask('order', '')}>${t('office.order')}</button>`}</div>`}
    <ol class="rows">${offices.map((office) => html`<li key=${office.code}><${Office} office=${office} onAsk=${manages && ask} /></li>`)}</ol>
    ${asked.value && html`<${Asked} ...${asked.value} administration=${administration} version=${officesVersion}
      again=${again} done=${done} onClose=${close} />`}`;
}

/** Its hours today: the latest that have begun. @param {any} office */
const hoursOf = (office) => office.hoursChanges.find((each) => each.fromOn <= dayFromNow(0)) ?? office;

function Office({ office, onAsk }) {
  const { opensAt, closesAt } = hoursOf(office);
  const coming = office.hoursChanges.filter((each) => each.fromOn > dayFromNow(0));
  const deed = (what, isDanger = false) => html`<button type="button" class=${isDanger ? 'danger' : ''}
    onClick=${() => onAsk(what, office.code)}>${t(`office.${what}`)}<span class="unseen">: ${office.name}</span></button>`;
  return html`<div>
      <h2>${office.name}</h2>
      <p>${t('office.code-is')}${' '}<span class="code">${office.code}</span> · ${t('office.hours-are', { from: hour(opensAt), to: hour(closesAt) })}</p>
      ${coming.map((each) => html`<p class="hint" key=${each.fromOn}>${comingHours(each)}</p>`)}
      ${office.retiredAt && html`<p><strong>${t('office.is-retired', { at: dateTime(office.retiredAt) })}</strong></p>`}
    </div>
    ${onAsk && html`<div class="row-deeds">${deed('rename')}${deed('hours')}${office.retiredAt ? deed('reopen') : deed('retire', true)}</div>`}`;
}

/** @param {any} change */
const comingHours = ({ fromOn, opensAt, closesAt }) => t('office.hours-from', { day: shortDay(fromOn), from: hour(opensAt), to: hour(closesAt) });

const Hours = ({ form }) => html`<div class="pair">
  <${TextField} form=${form} name="opensAt" label=${t('office.opens')} type="time" class="short" />
  <${TextField} form=${form} name="closesAt" label=${t('office.closes')} type="time" class="short" />
</div>`;

function Asked({ what, code, administration, version, again, done, onClose }) {
  const office = administration.offices.find((each) => each.code === code);
  const common = {
    name: `office.${what}.${code}`,
    title: t(`office.${what}.title`, { name: office?.name ?? '' }),
    what: t(`office.${what}.what`),
    button: t(`office.${what}.button`),
    onDone: done(t(`office.${what}.done`)),
    onStale: again,
    onClose,
  };
  switch (what) {
    case 'add': return html`<${Add} ...${common} />`;
    case 'order': return html`<${Order} offices=${administration.offices} version=${version} common=${common} operation=${ReorderOffices} />`;
    case 'rename': return html`<${Rename} office=${office} ...${common} />`;
    case 'hours': return html`<${NewHours} office=${office} version=${administration.calendarVersion} ...${common} />`;
    default: return html`<${Change} ...${common} initial=${{}} version=${office.version} now=${html`<${Named} office=${office} />`}
      operation=${what === 'retire' ? RetireOffice : ReopenOffice} input=${() => ({ code })} isDanger=${what === 'retire'} />`;
  }
}

const Named = ({ office }) => html`<p><strong>${office.name}</strong></p>`;
const NameField = ({ form }) => html`<${TextField} form=${form} name="name" label=${t('office.name')} hint=${t('office.name.hint')} maxlength="120" />`;

function Add(common) {
  return html`<${Change} ...${common} initial=${{ code: '', name: '', opensAt: '08:00', closesAt: '16:30' }} operation=${AddOffice} hasKey
    input=${({ code, name, opensAt, closesAt }) => ({ code, name, opensAt, closesAt })}>${(form) => html`
      <${NameField} form=${form} />
      <${TextField} form=${form} name="code" label=${t('office.code')} hint=${t('office.code.hint')}
        class="short" maxlength="20" autocapitalize="characters" spellcheck=${false} />
      <${Hours} form=${form} />`}</${Change}>`;
}

function Rename({ office, ...common }) {
  return html`<${Change} ...${common} initial=${{ name: office.name }} version=${office.version} now=${html`<${Named} office=${office} />`}
    operation=${RenameOffice} input=${({ name }) => ({ code: office.code, name })}>${(form) => html`<${NameField} form=${form} />`}</${Change}>`;
}

function NewHours({ office, version, ...common }) {
  const now = hoursOf(office);
  const initial = { opensAt: now.opensAt.slice(0, 5), closesAt: now.closesAt.slice(0, 5), fromOn: dayFromNow(1) };
  return html`<${Change} ...${common} initial=${initial} version=${version} now=${html`<${Now} office=${office} />`}
    operation=${ChangeHours} days=${() => ['fromOn']}
    input=${({ opensAt, closesAt, fromOn }) => ({ officeCode: office.code, opensAt, closesAt, fromOn })}>${(form) => html`
      <${Hours} form=${form} />
      <${TextField} form=${form} name="fromOn" label=${t('from-day')} hint=${t('from-day.hint')} type="date" class="short" min=${dayFromNow(1)} />
    `}</${Change}>`;
}

function Now({ office }) {
  const { opensAt, closesAt } = hoursOf(office);
  return html`<p><strong>${t('office.hours-are', { from: hour(opensAt), to: hour(closesAt) })}</strong></p>
    ${office.hoursChanges.map((each) => html`<p key=${each.fromOn}>${comingHours(each)}</p>`)}`;
}
