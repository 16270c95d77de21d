// The tokens by which other programs read: made, shown once, revoked.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { CreateServiceToken, RevokeServiceToken, ServiceTokens } from '../api.gen.js';
import { TextField } from '../parts/basics.js';
import { ChecksField, RadioField } from '../parts/choices.js';
import { Dialog } from '../parts/dialog.js';
import { arrive } from '../router.js';
import { counter, person } from '../session.js';
import { dateTime, t } from '../texts.js';
import { Change } from './changing.js';
import { Pages, useOutcome, usePages } from './pages.js';

const SCOPES = ['STATUS', 'PEOPLE', 'REPORTS'];
const nameOf = (/** @type {string} */ code) => counter.value.offices.find((each) => each.code === code)?.name ?? code;

export default function ProgramsPage() {
  const pages = usePages(ServiceTokens, 'serviceTokens', {});
  const asked = useSignal(/** @type {any} */ (null));
  const made = useSignal(/** @type {any} */ (null));
  const { say, outcome } = useOutcome();
  useEffect(() => arrive(t('program.title')), []);
  const manages = person.value.role === 'ADMINISTRATOR';
  const close = () => { asked.value = null; };
  const created = async (payload) => { close(); made.value = payload; await pages.again(); };
  const revoked = async () => { close(); await pages.again(); say(t('program.revoked.done')); };
  return html`<h1>${t('program.title')}</h1><p class="lead">${t('program.lead')}</p>${outcome}
    ${manages && html`<div class="buttons"><button type="button" class="primary"
      onClick=${() => { asked.value = 'create'; }}>${t('program.create')}</button></div>`}
    <${Pages} pages=${pages} none=${t('program.none')}>${(nodes) => html`<ul class="rows">${nodes.map((each) => html`<li key=${each.id}>
      <${Token} token=${each} />
      ${manages && !each.revokedAt && html`<button type="button" class="danger"
        onClick=${() => { asked.value = each; }}>${t('program.revoke')}<span class="unseen">: ${each.name}</span></button>`}
    </li>`)}</ul>`}</${Pages}>
    ${asked.value === 'create' && html`<${Create} onDone=${created} onClose=${close} />`}
    ${asked.value?.id && html`<${Change} name=${`program.${asked.value.id}`} title=${t('program.revoke.title', asked.value)} what=${t('program.revoke.what')}
      initial=${{}} operation=${RevokeServiceToken} input=${() => ({ id: asked.value.id })} button=${t('program.revoke')}
      isDanger onDone=${revoked} onClose=${close} />`}
    <${Dialog} isOpen=${Boolean(made.value)} title=${t('program.made', { name: made.value?.serviceToken.name ?? '' })}
      onClose=${() => { made.value = null; say(t('program.created')); }}>
      ${made.value && html`<${Told} text=${made.value.token} onClose=${() => { made.value = null; }} />`}</${Dialog}>`;
}

function Token({ token }) {
  const { name, ending, scopes, officeCodes, madeBy, madeAt, lastUsedAt } = token;
  const reads = scopes.map((each) => t(`program.scope.${each}`)).join(' · ');
  const where = officeCodes.length ? officeCodes.map(nameOf).join(', ') : t('program.all');
  const used = lastUsedAt ? t('program.used', { at: dateTime(lastUsedAt) }) : t('program.unused');
  return html`<div><strong>${name}</strong>${' '}<span class="code">…${ending}</span>
    <p>${reads} — ${where}</p>
    <p class="hint"><strong>${stateOf(token)}</strong> · ${t('program.by', { name: madeBy, at: dateTime(madeAt) })} · ${used}</p></div>`;
}

/** @param {any} token */
function stateOf({ revokedAt, isLive, expiresAt }) {
  if (revokedAt) return t('program.revoked', { at: dateTime(revokedAt) });
  return t(isLive ? 'program.until' : 'program.dead', { at: dateTime(expiresAt) });
}

function Create({ onDone, onClose }) {
  const offices = counter.value.offices.map((each) => [each.code, each.name]);
  const input = ({ name, scopes, which, officeCodes, days }) => {
    const allOffices = which === 'all';
    return { name, scopes, allOffices, officeCodes: allOffices ? [] : officeCodes, days: Number(days) };
  };
  return html`<${Change} name="program.new" title=${t('program.create')} what=${t('program.create.what')}
    initial=${{ name: '', scopes: ['STATUS'], which: 'some', officeCodes: [], days: '90' }} operation=${CreateServiceToken} input=${input} hasKey
    button=${t('program.create.button')} onDone=${onDone} onClose=${onClose}>${(form) => html`
      <${TextField} form=${form} name="name" label=${t('program.name')} hint=${t('program.name.hint')} maxlength="80" />
      <${ChecksField} form=${form} name="scopes" label=${t('program.scopes')}
        choices=${SCOPES.map((each) => [each, t(`program.scope.${each}`), t(`program.scope.${each}.what`)])} />
      <${RadioField} form=${form} name="which" label=${t('program.offices')} choices=${[['some', t('program.some')], ['all', t('program.all')]]} />
      ${form.values.value.which === 'some' && html`<${ChecksField} form=${form} name="officeCodes" label=${t('program.some.which')} choices=${offices} />`}
      <${TextField} form=${form} name="days" label=${t('program.days')} hint=${t('program.days.hint')}
        type="number" class="short" inputmode="numeric" />`}</${Change}>`;
}

/** The token's text, which nobody can tell again. */
function Told({ text, onClose }) {
  const copied = useSignal('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      copied.value = t('program.copied');
    } catch { copied.value = t('program.not-copied'); }
  };
  return html`<div class="notice"><p>${t(text ? 'program.once' : 'program.lost')}</p></div>
    ${text && html`<p class="code token" tabindex="0">${text}</p>`}
    <p role="status">${copied.value}</p>
    <div class="buttons">
      ${text && html`<button type="button" class="primary" onClick=${copy}>${t('program.copy')}</button>`}
      <button type="button" onClick=${onClose}>${t('program.kept')}</button>
    </div>`;
}
