// What is kept about somebody, told to them; and the closing of their account.
// @ts-check
import { html, useSignal } from '../base.js';
import { ask } from '../api.js';
import { KeptThings, PersonalData, RequestAccountClosure, StopAccountClosure } from '../api.gen.js';
import { fetched, save } from '../bytes.js';
import { isStaff, person } from '../session.js';
import { dateTime, t } from '../texts.js';
import { Changed, FormFoot } from './account-security.js';
import { Facts, FormBox, PasswordField, sentenceOf, useForm } from './basics.js';
import { Loaded, useLoaded } from './loaded.js';
import { More } from './more.js';

export function Kept() {
  const isOpen = useSignal(false);
  const trouble = useSignal('');
  const isBusy = useSignal(false);
  const press = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    trouble.value = '';
    try { await download(); } catch { trouble.value = t('account.data.failed'); }
    isBusy.value = false;
  };
  return html`<section aria-labelledby="kept"><h2 id="kept">${t('account.data')}</h2>
    <p>${t('account.data.what')}${' '}<a href="/privacidad">${t('menu./privacidad')}</a></p>
    ${trouble.value && html`<p class="problem" role="alert">${trouble.value}</p>`}
    <div class="buttons"><button type="button" aria-expanded=${isOpen.value}
      onClick=${() => { isOpen.value = !isOpen.value; }}>${t(isOpen.value ? 'account.data.hide' : 'account.data.show')}</button>
      <button type="button" aria-disabled=${isBusy.value} onClick=${press}>${t(isBusy.value ? 'wait' : 'account.data.download')}</button></div>
    ${isOpen.value && html`<${Kinds} />`}</section>`;
}

async function download() {
  const { personalData } = await ask(PersonalData, {});
  save(await fetched(personalData.url));
}

function Kinds() {
  const loaded = useLoaded(PersonalData, {});
  return html`<${Loaded} loaded=${loaded}>${({ personalData: { kinds } }) => html`
    ${kinds.filter((each) => each.count).map((each) => html`<${Kind} of=${each} key=${each.kind} />`)}
    <details class="kept"><summary>${t('account.data.none')}</summary>
      ${kinds.filter((each) => !each.count).map((each) => html`<${Kind} of=${each} key=${each.kind} />`)}</details>`}</${Loaded}>`;
}

/** Of how much of it there is, what it is kept for, and until when. */
function Kind({ of }) {
  return html`<details class="kept"><summary>${of.label}${' '}<span class="optional">${t('account.data.count', { count: of.count })}</span></summary>
    <${Facts} rows=${['purpose', 'basis', 'period', 'erasure'].map((name) => [t(`account.data.${name}`), of[name]])} />
    ${of.count > 0 && html`<${Things} kind=${of.kind} />`}</details>`;
}

function Things({ kind }) {
  const found = useSignal(/** @type {any[]} */ ([]));
  const page = useSignal(/** @type {any} */ (null));
  const isBusy = useSignal(false);
  const trouble = useSignal('');
  const more = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      const { keptThings } = await ask(KeptThings, { kind, after: page.value?.endCursor ?? null });
      found.value = [...found.value, ...keptThings.edges.map((each) => each.node)];
      page.value = keptThings.pageInfo;
      trouble.value = '';
    } catch (error) { trouble.value = sentenceOf(error); }
    isBusy.value = false;
  };
  return html`${trouble.value && html`<p class="problem" role="alert">${trouble.value}</p>`}
    ${found.value.map((thing) => html`<div class="thing" key=${thing.key}><p class="hint">${dateTime(thing.at)}</p>
      <dl class="facts">${thing.facts.map(({ name, value }) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></div>`)}
    ${page.value ? html`<${More} pageInfo=${page.value} shown=${found.value.length} onMore=${more} isBusy=${isBusy.value} />`
      : html`<p><button type="button" aria-disabled=${isBusy.value} onClick=${more}>${t(isBusy.value ? 'wait' : 'account.data.things')}</button></p>`}`;
}

/** Not for staff: an administrator takes their appointment first. */
export function Closing({ closure, open, changed, change }) {
  const form = useForm({});
  const stop = () => form.send(StopAccountClosure, {}, () => change('stopped'));
  const begin = () => { changed.value = ''; open.value = 'closing'; };
  const waits = closure?.openTramites > 0 && html`${' '}${t('account.closing.open', { count: closure.openTramites })}`;
  return html`<section aria-labelledby="closing"><h2 id="closing">${t('account.closing')}</h2>
    <${Changed} is=${changed.value === 'stopped'}>${t('account.closing.stopped')}</${Changed}>
    <${Changed} is=${changed.value === 'closing'}>${t('account.closing.asked')}</${Changed}>
    ${form.problems.value.map((each) => html`<p class="problem" role="alert">${each.message}</p>`)}
    ${closure ? html`<div class="notice"><p>${t('account.closing.due', { at: dateTime(closure.dueAt) })}${waits}</p>
        <p><button type="button" onClick=${stop} aria-disabled=${form.isBusy.value}>${t('account.closing.stop')}</button></p></div>`
      : isStaff.value || person.value.appointedRole !== 'APPLICANT' ? html`<p>${t('account.closing.staff')}</p>`
        : open.value === 'closing' ? html`<${Close} open=${open} change=${change} />`
          : html`<p>${t('account.closing.what')}</p>
            <div class="buttons"><button type="button" class="danger" onClick=${begin}>${t('account.closing.begin')}</button></div>`}</section>`;
}

function Close({ open, change }) {
  const form = useForm({ currentPassword: '' });
  const send = () => form.send(RequestAccountClosure, { input: { currentPassword: form.values.value.currentPassword } }, () => change('closing'));
  return html`<ul>${[1, 2, 3].map((each) => html`<li key=${each}>${t(`account.closing.${each}`)}</li>`)}</ul>
    <${FormBox} form=${form} onSubmit=${send}>
      <${PasswordField} form=${form} name="currentPassword" label=${t('password.current')} hint=${t('password.current.why')}
        autocomplete="current-password" maxlength="256" />
      <${FormFoot} form=${form} open=${open} isDanger=${true}>${t('account.closing.confirm')}</${FormFoot}>
    </${FormBox}>`;
}
