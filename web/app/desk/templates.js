// Sentences that staff use again and again: what they say, and what they said before.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { RetireTemplate, SaveTemplate, Templates } from '../api.gen.js';
import { SelectField, TextField } from '../parts/basics.js';
import { RadioField } from '../parts/choices.js';
import { arrive } from '../router.js';
import { counter, person } from '../session.js';
import { dateTime, t } from '../texts.js';
import { Change, Unfolded } from './changing.js';
import { Filter, Pages, useOutcome, usePages } from './pages.js';

const KINDS = ['OBSERVATION_POINT', 'ANSWER', 'REFERRAL'];
const kindsOf = () => KINDS.map((each) => [each, t(`template.kind.${each}`)]);

export default function TemplatesPage() {
  const kind = useSignal('');
  const withRetired = useSignal(false);
  const pages = usePages(Templates, 'templates', { kind: kind.value || null, withRetired: withRetired.value });
  const asked = useSignal(/** @type {any} */ (null));
  const { say, outcome } = useOutcome();
  const isEditor = person.value.role === 'SUPERVISOR';
  useEffect(() => arrive(t('template.title')), []);
  const ask = (/** @type {string} */ deed, /** @type {any} */ about) => { asked.value = { what: deed, id: about.id, template: about }; };
  const close = () => { asked.value = null; };
  const done = (/** @type {string} */ words) => async () => { close(); await pages.again(); say(words); };
  const { what, id } = asked.value ?? {};
  const template = pages.nodes?.find((each) => each.id === id) ?? asked.value?.template;
  return html`<h1>${t('template.title')}</h1><p class="lead">${t('template.lead')}</p>${outcome}
    ${isEditor && html`<div class="buttons">
      <button type="button" class="primary" onClick=${() => { asked.value = { what: 'save' }; }}>${t('template.new')}</button></div>`}
    <form class="search" onSubmit=${(event) => event.preventDefault()}>
      <${Filter} label=${t('template.kind')} value=${kind.value} choices=${[['', t('template.kind.any')], ...kindsOf()]}
        onChange=${(value) => { kind.value = value; }} />
      <label class="switch">
        <input type="checkbox" checked=${withRetired.value} onChange=${(event) => { withRetired.value = event.target.checked; }} />
        ${t('template.with-retired')}</label>
    </form>
    <${Pages} pages=${pages} none=${t(kind.value ? 'template.none' : 'template.none.yet')}>${(nodes) => html`<ul class="rows tops">
      ${nodes.map((each) => html`<li key=${each.id}><${Template} template=${each} onAsk=${isEditor && ask} /></li>`)}</ul>`}</${Pages}>
    ${what === 'save' && html`<${Edit} template=${template} onDone=${done(t('template.saved'))} onStale=${pages.again} onClose=${close} />`}
    ${what === 'retire' && html`<${Change} name=${`template.retire.${id}`} title=${t('template.retire.title', { title: template.title })}
      what=${t('template.retire.what')} initial=${{}} operation=${RetireTemplate} input=${() => ({ id })} button=${t('template.retire')}
      isDanger onDone=${done(t('template.retired'))} onClose=${close} />`}`;
}

function Template({ template, onAsk }) {
  return html`<div><h2>${template.title}</h2>
      <p class="hint">${t(`template.kind.${template.kind}`)} · ${template.office?.name ?? t('template.office.all')} · ${t('template.version', template)}
        ${template.retiredAt && html` · <strong>${t('template.out', { at: dateTime(template.retiredAt) })}</strong>`}</p>
      <p class="said">${template.text}</p>
      ${template.versions.length > 1 && html`<${Unfolded} title=${t('template.versions')}>${() => html`
        <${Versions} versions=${template.versions} />`}</${Unfolded}>`}
    </div>
    ${onAsk && !template.retiredAt && html`<div class="row-deeds">
      <button type="button" onClick=${() => onAsk('save', template)}>${t('change')}<span class="unseen">: ${template.title}</span></button>
      <button type="button" class="danger"
        onClick=${() => onAsk('retire', template)}>${t('template.retire')}<span class="unseen">: ${template.title}</span></button>
    </div>`}`;
}

/** The latest first. */
const Versions = ({ versions }) => html`<ol class="timeline" reversed>${[...versions].reverse().map((each) => html`<li key=${each.version}>
  <strong>${t('template.version', each)}: ${each.title}</strong>
  <span class="when">${each.savedBy.fullName} · ${dateTime(each.savedAt)}</span>
  <p>${each.text}</p>
</li>`)}</ol>`;

function Edit({ template, onDone, onStale, onClose }) {
  const initial = { kind: template?.kind ?? KINDS[0], title: template?.title ?? '', text: template?.text ?? '', officeCode: template?.office?.code ?? '' };
  const offices = counter.value.offices.map((each) => [each.code, each.name]);
  const input = ({ kind, title, text, officeCode }) => ({ kind, title, text, officeCode: officeCode || null, ...(template && { id: template.id }) });
  return html`<${Change} name=${`template.${template?.id ?? 'new'}`} title=${template ? t('template.change.title', { title: template.title })
    : t('template.new')} initial=${initial} version=${template?.version}
    now=${template && html`<blockquote><strong>${template.title}</strong><p class="said">${template.text}</p></blockquote>`}
    operation=${SaveTemplate} input=${input} hasKey button=${t('change.save')} onDone=${onDone} onStale=${onStale} onClose=${onClose}>${(form) => html`
      ${!template && html`<${RadioField} form=${form} name="kind" label=${t('template.kind')}
        choices=${kindsOf().map(([value, words]) => [value, words, t(`template.kind.${value}.hint`)])} />`}
      <${TextField} form=${form} name="title" label=${t('template.name')} hint=${t('template.name.hint')} maxlength="120" />
      <${TextField} form=${form} name="text" label=${t('template.text')}
        hint=${t(form.values.value.kind === 'OBSERVATION_POINT' ? 'template.text.short' : 'template.text.long')} rows="7" maxlength="4000" />
      <${SelectField} form=${form} name="officeCode" label=${t('template.office')} empty=${t('template.office.all')} choices=${offices} />`}</${Change}>`;
}
