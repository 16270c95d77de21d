// What the desk does to a trámite and must say something for: each a dialog, by keyboard from the first field to the last.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { ask, newKey } from '../api.js';
import { AddNote, AssignTramite, Colleagues, CorrectFolios, DeskTemplates, ObserveTramite, ReferTramite, ReopenTramite, ResolveTramite } from '../api.gen.js';
import { FormBox, SelectField, sentenceOf, Submit, TextField, useForm } from '../parts/basics.js';
import { Dialog } from '../parts/dialog.js';
import { useKeptForm } from '../parts/kept.js';
import { counter } from '../session.js';
import { t } from '../texts.js';
import { Sending } from '../upload.js';

const MOST_FILES = 5;

/** @param {{deed: any, tramite: any, onDone: (sentence: string) => void, onStale: () => void}} props */
export function Deed({ deed, tramite, onDone, onStale }) {
  const Body = BODIES[/** @type {keyof typeof BODIES} */ (deed.value)];
  const close = () => { deed.value = ''; };
  // What was seen when the dialog was opened: what changed behind it must be told before anything is done.
  const seen = useRef(/** @type {number | null} */ (null));
  useEffect(() => { seen.current = Body ? tramite.revision : null; }, [deed.value]);
  const refreshed = async () => { await onStale(); seen.current = null; };
  return html`<${Dialog} isOpen=${Boolean(Body)} title=${Body ? t(`deed.${deed.value}.title`, { number: tramite.number }) : ''} onClose=${close}>
    ${Body && html`<${Body} key=${deed.value} tramite=${tramite} seen=${seen} onCancel=${close} onStale=${refreshed} onDone=${() => onDone(t(`deed.${deed.value}.done`, { number: tramite.number }))} />`}</${Dialog}>`;
}

/** Send a form of a deed; if the trámite was changed meanwhile, it is shown as it is now and what was written stays. */
function sent(form, operation, input, { tramite, seen, forget, onDone, onStale }) {
  const expected = operation === AddNote ? {} : { expectedRevision: seen.current ?? tramite.revision };
  form.send(operation, { input: { id: tramite.id, ...input, ...expected } }, () => { forget?.(); return onDone(); }).then(() => { if (form.problems.value.some((each) => each.code === 'TRAMITE_CHANGED')) onStale(); });
}

const Buttons = ({ form, words, onCancel }) => html`<div class="buttons"><${Submit} form=${form}>${words}</${Submit}><button type="button" onClick=${onCancel}>${t('dialog.cancel')}</button></div>`;

/** Prepared sentences: a number key or a click puts one where it belongs. */
function Prepared({ kind, onChoose }) {
  const templates = useSignal(/** @type {any[]} */ ([]));
  useEffect(() => { ask(DeskTemplates, { kind }).then((data) => { templates.value = data.templates.edges.map((edge) => edge.node); }, () => {}); }, [kind]);
  if (!templates.value.length) return null;
  return html`<fieldset class="prepared"><legend>${t('deed.prepared')}</legend>${templates.value.map((each) => html`<button type="button" key=${each.id} onClick=${() => onChoose(each.text)}>${each.title}</button>`)}</fieldset>`;
}

function Observe({ tramite, ...rest }) {
  const { form, forget } = useKeptForm(`observe.${tramite.number}`, { points: [''], text: '' });
  const points = form.values.value.points;
  const set = (/** @type {number} */ at, /** @type {string} */ words) => form.set('points', points.map((each, place) => (place === at ? words : each)));
  const add = (/** @type {string} */ words) => {
    const free = points.findIndex((each) => !each.trim());
    if (free < 0) form.set('points', [...points, words]); else set(free, words);
  };
  const submit = () => sent(form, ObserveTramite, { points: points.map((each) => each.trim()).filter(Boolean), text: form.values.value.text.trim() || null }, { tramite, forget, ...rest });
  return html`<${FormBox} form=${form} onSubmit=${submit} narrow=${false}>
    <p class="hint">${t('deed.observe.once')}</p>
    <${Prepared} kind="OBSERVATION_POINT" onChoose=${add} />
    ${points.map((point, at) => html`<div class="field point" key=${at}><label for=${at ? `points.${at}` : 'points'}>${t('deed.observe.point', { at: at + 1 })}</label>
      <div class="with-button"><textarea id=${at ? `points.${at}` : 'points'} rows="2" maxlength="500" value=${point} onInput=${(event) => set(at, event.target.value)}></textarea>
      ${points.length > 1 && html`<button type="button" onClick=${() => form.set('points', points.filter((_, place) => place !== at))}>${t('deed.observe.remove')}<span class="unseen"> ${at + 1}</span></button>`}</div></div>`)}
    ${points.length < 20 && html`<p><button type="button" class="link" onClick=${() => form.set('points', [...points, ''])}>${t('deed.observe.add')}</button></p>`}
    <${TextField} form=${form} name="text" label=${t('deed.observe.text')} isOptional=${true} rows="3" maxlength="4000" />
    <${Buttons} form=${form} words=${t('deed.observe.button')} onCancel=${rest.onCancel} /></${FormBox}>`;
}

function Refer({ tramite, ...rest }) {
  const offices = counter.value.offices.filter((office) => office.code !== tramite.office.code);
  const { form, forget } = useKeptForm(`refer.${tramite.number}`, { officeCode: '', text: '' });
  const { officeCode, text } = form.values.value;
  return html`<${FormBox} form=${form} narrow=${false} onSubmit=${() => sent(form, ReferTramite, { officeCode, text: text.trim() || null }, { tramite, forget, ...rest })}>
    <${SelectField} form=${form} name="officeCode" label=${t('deed.refer.office')} empty=${t('deed.refer.choose')} choices=${offices.map((office) => [office.code, office.name])} />
    <${Prepared} kind="REFERRAL" onChoose=${(words) => form.set('text', joined(text, words))} />
    <${TextField} form=${form} name="text" label=${t('deed.refer.text')} hint=${t('deed.refer.hint')} isOptional=${true} rows="3" maxlength="1000" />
    <${Buttons} form=${form} words=${t('deed.refer.button')} onCancel=${rest.onCancel} /></${FormBox}>`;
}

function Resolve({ tramite, ...rest }) {
  const { form, forget } = useKeptForm(`resolve.${tramite.number}`, { text: '' });
  const sendings = useSignal(/** @type {Sending[]} */ ([]));
  const text = form.values.value.text;
  useEffect(() => () => { for (const each of sendings.peek()) each.cancel(); }, []);
  const isSending = sendings.value.some((each) => each.state.value === 'sending' || each.state.value === 'paused');
  const submit = () => {
    if (isSending) { form.problems.value = [{ field: 'files', message: t('deed.resolve.wait') }]; return; }
    const refused = sendings.value.find((each) => each.state.value === 'refused');
    if (refused) { form.problems.value = [{ field: 'files', message: t('deed.resolve.refused', { name: refused.file.name }) }]; return; }
    const files = sendings.value.map((each) => each.upload?.id);
    sent(form, ResolveTramite, { text, files }, { tramite, forget, ...rest });
  };
  return html`<${FormBox} form=${form} narrow=${false} onSubmit=${submit}>
    <${Prepared} kind="ANSWER" onChoose=${(words) => form.set('text', joined(text, words))} />
    <${TextField} form=${form} name="text" label=${t('deed.resolve.text')} hint=${t('deed.resolve.hint')} rows="5" maxlength="4000" />
    <${AnswerFiles} sendings=${sendings} />
    <${Buttons} form=${form} words=${t('deed.resolve.button')} onCancel=${rest.onCancel} /></${FormBox}>`;
}

/** Files of the answer, sent as soon as they are chosen. */
function AnswerFiles({ sendings }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const choose = (event) => {
    const room = MOST_FILES - sendings.value.length;
    const files = [...event.target.files].slice(0, room);
    event.target.value = '';
    sendings.value = [...sendings.value, ...files.map((file) => new Sending(file, {}))];
  };
  const remove = (/** @type {Sending} */ sending) => { sending.cancel(); sendings.value = sendings.value.filter((each) => each !== sending); };
  return html`<div class="field"><label for="files">${t('deed.resolve.files')}${' '}<span class="optional">${t('form.optional')}</span></label><p class="hint" id="files-hint">${t('deed.resolve.files.hint')}</p>
    <ul class="plain">${sendings.value.map((each) => html`<li class="file" key=${each.key}><p><strong>${each.file.name}</strong> <span class="hint" role="status">${each.message.value || t(`upload.${each.state.value}`)}</span></p>
      <button type="button" class="link" onClick=${() => remove(each)}>${t('upload.remove')}<span class="unseen"> ${each.file.name}</span></button>
      ${each.state.value === 'sending' && html`<progress max=${each.file.size} value=${each.sent.value} aria-label=${each.file.name}></progress>`}</li>`)}</ul>
    ${sendings.value.length < MOST_FILES && html`<div class="choose"><input ref=${input} type="file" id="files" multiple aria-describedby="files-hint" onChange=${choose} /><span class="button" aria-hidden="true" onClick=${() => input.current?.click()}>${t('upload.choose')}</span></div>`}</div>`;
}

function Folios({ tramite, ...rest }) {
  const { form, forget } = useKeptForm(`folios.${tramite.number}`, { folios: String(tramite.folios ?? ''), reason: '' });
  const { folios, reason } = form.values.value;
  return html`<${FormBox} form=${form} narrow=${false} onSubmit=${() => sent(form, CorrectFolios, { folios: Number(folios) || 0, reason }, { tramite, forget, ...rest })}>
    <${TextField} form=${form} name="folios" label=${t('deed.folios.number')} class="short" inputmode="numeric" maxlength="5" />
    <${TextField} form=${form} name="reason" label=${t('deed.reason')} hint=${t('deed.reason.read')} rows="3" maxlength="500" />
    <${Buttons} form=${form} words=${t('deed.folios.button')} onCancel=${rest.onCancel} /></${FormBox}>`;
}

function Reopen({ tramite, ...rest }) {
  const { form, forget } = useKeptForm(`reopen.${tramite.number}`, { reason: '' });
  return html`<${FormBox} form=${form} narrow=${false} onSubmit=${() => sent(form, ReopenTramite, { reason: form.values.value.reason }, { tramite, forget, ...rest })}>
    <${TextField} form=${form} name="reason" label=${t('deed.reason')} hint=${t('deed.reason.read')} rows="3" maxlength="500" />
    <${Buttons} form=${form} words=${t('deed.reopen.button')} onCancel=${rest.onCancel} /></${FormBox}>`;
}

function Note({ tramite, ...rest }) {
  const { form, forget } = useKeptForm(`note.${tramite.number}`, { text: '' });
  const key = useRef(newKey());
  return html`<${FormBox} form=${form} narrow=${false} onSubmit=${() => sent(form, AddNote, { clientKey: key.current, text: form.values.value.text }, { tramite, forget, ...rest })}>
    <${TextField} form=${form} name="text" label=${t('deed.note.text')} hint=${t('deed.note.hint')} rows="4" maxlength="2000" />
    <${Buttons} form=${form} words=${t('deed.note.button')} onCancel=${rest.onCancel} /></${FormBox}>`;
}

function Assign({ tramite, ...rest }) {
  const form = useForm({ userId: '' });
  const people = useSignal(/** @type {any[]} */ ([]));
  useEffect(() => { ask(Colleagues, { officeCode: tramite.office.code }).then((data) => { people.value = data.colleagues; },
    (error) => { form.problems.value = [{ field: '', message: sentenceOf(error) }]; }); }, []);
  return html`<${FormBox} form=${form} narrow=${false} onSubmit=${() => sent(form, AssignTramite, { userId: form.values.value.userId }, { tramite, ...rest })}>
    <${SelectField} form=${form} name="userId" label=${t('deed.assign.who')} empty=${t('deed.assign.choose')} choices=${people.value.map((each) => [each.userId, each.fullName])} />
    <${Buttons} form=${form} words=${t('deed.assign.button')} onCancel=${rest.onCancel} /></${FormBox}>`;
}

const joined = (/** @type {string} */ before, /** @type {string} */ words) => (before.trim() ? `${before.trimEnd()}\n${words}` : words);

const BODIES = { observe: Observe, refer: Refer, resolve: Resolve, folios: Folios, reopen: Reopen, note: Note, assign: Assign };
