// What the desk does to a trámite and must say something for: each a dialog, by keyboard from the first field to the last.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { ask, newKey } from '../api.js';
import {
  AddNote, AssignTramite, Colleagues, CorrectFolios, DeskTemplates, ObserveTramite, ReferTramite, ReopenTramite, ResolveTramite,
} from '../api.gen.js';
import { FormBox, SelectField, sentenceOf, Submit, TextField, useForm } from '../parts/basics.js';
import { Dialog } from '../parts/dialog.js';
import { useKeptForm } from '../parts/kept.js';
import { counter } from '../session.js';
import { t } from '../texts.js';
import { Sending } from '../upload.js';

const MOST_FILES = 5, MOST_POINTS = 20;

/** @param {{deed: any, tramite: any, onDone: (sentence: string) => void, onStale: () => void}} props */
export function Deed({ deed, tramite, onDone, onStale }) {
  const Body = /** @type {any} */ (BODIES)[deed.value];
  const close = () => { deed.value = ''; };
  // What was seen when the dialog was opened: what changed behind it must be told before anything is done.
  const seen = useRef(/** @type {number | null} */ (null));
  useEffect(() => { seen.current = Body ? tramite.revision : null; }, [deed.value]);
  const refreshed = async () => { await onStale(); seen.current = null; };
  const done = () => onDone(t(`deed.${deed.value}.done`, { number: tramite.number }));
  return html`<${Dialog} isOpen=${Boolean(Body)} title=${Body ? t(`deed.${deed.value}.title`, { number: tramite.number }) : ''} onClose=${close}>
    ${Body && html`<${Body} key=${deed.value} tramite=${tramite} seen=${seen} onCancel=${close} onStale=${refreshed} onDone=${done} />`}
  </${Dialog}>`;
}

/**
 * Send a form of a deed; if the trámite was changed meanwhile, it is shown as it is now and what was written stays.
 * @param {import('../parts/basics.js').Form} form
 * @param {import('../api.gen.d.ts').Operation<any, any>} operation
 * @param {object} input
 * @param {any} around
 */
async function sent(form, operation, input, { tramite, seen, forget, onDone, onStale }) {
  const expected = operation === AddNote ? {} : { expectedRevision: seen.current ?? tramite.revision };
  await form.send(operation, { input: { id: tramite.id, ...input, ...expected } }, () => {
    forget?.();
    return onDone();
  });
  if (form.problems.value.some((each) => each.code === 'TRAMITE_CHANGED')) onStale();
}

/** The form of a deed; `onSend` calls `sent`. */
function DeedForm({ form, button, onSend, onCancel, children }) {
  return html`<${FormBox} form=${form} narrow=${false} onSubmit=${onSend}>${children}
    <div class="buttons">
      <${Submit} form=${form}>${button}</${Submit}>
      <button type="button" onClick=${onCancel}>${t('dialog.cancel')}</button>
    </div></${FormBox}>`;
}

/** Prepared sentences: a number key or a click puts one where it belongs. */
function Prepared({ kind, onChoose }) {
  const found = useSignal(/** @type {any[]} */ ([]));
  const load = async () => {
    const { templates } = await ask(DeskTemplates, { kind });
    found.value = templates.edges.map((edge) => edge.node);
  };
  useEffect(() => { load().catch(() => {}); }, [kind]);
  if (!found.value.length) return null;
  return html`<fieldset class="prepared"><legend>${t('deed.prepared')}</legend>
    ${found.value.map((each) => html`<button type="button" key=${each.id} onClick=${() => onChoose(each.text)}>${each.title}</button>`)}</fieldset>`;
}

function Observe({ tramite, ...rest }) {
  const { form, forget } = useKeptForm(`observe.${tramite.number}`, { points: [''], text: '' });
  const { points, text } = form.values.value;
  const set = (/** @type {string[]} */ changed) => form.set('points', changed);
  const setAndGo = (/** @type {string[]} */ changed, /** @type {number} */ at) => {
    set(changed);
    setTimeout(() => document.getElementById(pointId(at))?.focus());  // After the next drawing.
  };
  const add = (/** @type {string} */ words) => {
    const free = points.findIndex((each) => !each.trim());
    set(free < 0 ? [...points, words] : replaced(points, free, words));
  };
  const send = () => {
    const input = { points: points.map((each) => each.trim()).filter(Boolean), text: text.trim() || null };
    return sent(form, ObserveTramite, input, { tramite, forget, ...rest });
  };
  return html`<${DeedForm} form=${form} button=${t('deed.observe.button')} onSend=${send} onCancel=${rest.onCancel}>
    <p class="hint">${t('deed.observe.once')}</p>
    <${Prepared} kind="OBSERVATION_POINT" onChoose=${add} />
    ${points.map((point, at) => html`<${Point} key=${at} at=${at} words=${point} onWrite=${(words) => set(replaced(points, at, words))}
      onRemove=${points.length > 1 && (() => setAndGo(points.filter((_, place) => place !== at), Math.max(0, at - 1)))} />`)}
    ${points.length < MOST_POINTS && html`<p>
      <button type="button" class="link" onClick=${() => setAndGo([...points, ''], points.length)}>${t('deed.observe.add')}</button></p>`}
    <${TextField} form=${form} name="text" label=${t('deed.observe.text')} isOptional=${true} rows="3" maxlength="4000" /></${DeedForm}>`;
}

/** The first point has the field's id, so that a problem finds it. */
const pointId = (/** @type {number} */ at) => (at ? `points.${at}` : 'points');

/** One point of an observation. */
function Point({ at, words, onWrite, onRemove }) {
  const id = pointId(at);
  return html`<div class="field point"><label for=${id}>${t('deed.observe.point', { at: at + 1 })}</label>
    <div class="with-button">
      <textarea id=${id} rows="2" maxlength="500" value=${words} onInput=${(event) => onWrite(event.target.value)}></textarea>
      ${onRemove && html`<button type="button" onClick=${onRemove}>${t('deed.observe.remove')}<span class="unseen"> ${at + 1}</span></button>`}
    </div></div>`;
}

function Refer({ tramite, ...rest }) {
  const offices = counter.value.offices.filter((office) => office.code !== tramite.office.code).map((office) => [office.code, office.name]);
  const { form, forget } = useKeptForm(`refer.${tramite.number}`, { officeCode: '', text: '' });
  const { officeCode, text } = form.values.value;
  const send = () => sent(form, ReferTramite, { officeCode, text: text.trim() || null }, { tramite, forget, ...rest });
  return html`<${DeedForm} form=${form} button=${t('deed.refer.button')} onSend=${send} onCancel=${rest.onCancel}>
    <${SelectField} form=${form} name="officeCode" label=${t('deed.refer.office')} empty=${t('deed.refer.choose')} choices=${offices} />
    <${Prepared} kind="REFERRAL" onChoose=${(words) => form.set('text', joined(text, words))} />
    <${TextField} form=${form} name="text" label=${t('deed.refer.text')} hint=${t('deed.refer.hint')} isOptional=${true} rows="3" maxlength="1000" />
  </${DeedForm}>`;
}

function Resolve({ tramite, ...rest }) {
  const { form, forget } = useKeptForm(`resolve.${tramite.number}`, { text: '' });
  const sendings = useSignal(/** @type {Sending[]} */ ([]));
  const { text } = form.values.value;
  useEffect(() => () => { for (const each of sendings.peek()) each.cancel(); }, []);
  const send = () => {
    const message = lacking(sendings.value);
    if (message) form.problems.value = [{ field: 'files', message }];
    else sent(form, ResolveTramite, { text, files: sendings.value.map((each) => each.upload?.id) }, { tramite, forget, ...rest });
  };
  return html`<${DeedForm} form=${form} button=${t('deed.resolve.button')} onSend=${send} onCancel=${rest.onCancel}>
    <${Prepared} kind="ANSWER" onChoose=${(words) => form.set('text', joined(text, words))} />
    <${TextField} form=${form} name="text" label=${t('deed.resolve.text')} hint=${t('deed.resolve.hint')} rows="5" maxlength="4000" />
    <${AnswerFiles} sendings=${sendings} /></${DeedForm}>`;
}

/** Why an answer with these files cannot be sent yet. @param {Sending[]} sendings */
function lacking(sendings) {
  if (sendings.some((each) => ['sending', 'paused'].includes(each.state.value))) return t('deed.resolve.wait');
  const refused = sendings.find((each) => each.state.value === 'refused');
  return refused && t('deed.resolve.refused', { name: refused.file.name });
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
  const remove = (/** @type {Sending} */ sending) => {
    sending.cancel();
    sendings.value = sendings.value.filter((each) => each !== sending);
  };
  return html`<div class="field">
    <label for="files">${t('deed.resolve.files')}${' '}<span class="optional">${t('form.optional')}</span></label>
    <p class="hint" id="files-hint">${t('deed.resolve.files.hint')}</p>
    <ul class="plain">${sendings.value.map((each) => html`<${AnswerFile} key=${each.key} sending=${each} onRemove=${() => remove(each)} />`)}</ul>
    ${sendings.value.length < MOST_FILES && html`<div class="choose">
      <input ref=${input} type="file" id="files" multiple aria-describedby="files-hint" onChange=${choose} />
      <span class="button" aria-hidden="true" onClick=${() => input.current?.click()}>${t('upload.choose')}</span></div>`}
  </div>`;
}

/** @param {{sending: Sending, onRemove: () => void}} props */
function AnswerFile({ sending: { file, state, sent: arrived, message, upload }, onRemove }) {
  const findings = state.value === 'done' ? upload?.findings ?? [] : [];
  return html`<li class="file">
    <p><strong>${file.name}</strong>${' '}<span class="hint" role="status">${message.value || t(`upload.${state.value}`)}</span></p>
    <button type="button" class="link" onClick=${onRemove}>${t('upload.remove')}<span class="unseen"> ${file.name}</span></button>
    ${state.value === 'sending' && html`<progress max=${file.size} value=${arrived.value} aria-label=${file.name}></progress>`}
    <div role="status">${findings.length > 0 && html`<div class="notice"><p><strong>${t('deed.resolve.remarks')}</strong></p>
      <ul>${findings.map((each) => html`<li key=${each.code}>${each.message}</li>`)}</ul></div>`}</div>
  </li>`;
}

function Folios({ tramite, ...rest }) {
  const { form, forget } = useKeptForm(`folios.${tramite.number}`, { folios: String(tramite.folios ?? ''), reason: '' });
  const { folios, reason } = form.values.value;
  const send = () => sent(form, CorrectFolios, { folios: Number(folios) || 0, reason }, { tramite, forget, ...rest });
  return html`<${DeedForm} form=${form} button=${t('deed.folios.button')} onSend=${send} onCancel=${rest.onCancel}>
    <${TextField} form=${form} name="folios" label=${t('deed.folios.number')} class="short" inputmode="numeric" maxlength="5" />
    <${Reason} form=${form} /></${DeedForm}>`;
}

function Reopen({ tramite, ...rest }) {
  const { form, forget } = useKeptForm(`reopen.${tramite.number}`, { reason: '' });
  const send = () => sent(form, ReopenTramite, { reason: form.values.value.reason }, { tramite, forget, ...rest });
  return html`<${DeedForm} form=${form} button=${t('deed.reopen.button')} onSend=${send} onCancel=${rest.onCancel}><${Reason} form=${form} /></${DeedForm}>`;
}

const Reason = ({ form }) => html`<${TextField} form=${form} name="reason" label=${t('deed.reason')} hint=${t('deed.reason.read')} rows="3" maxlength="500" />`;

function Note({ tramite, ...rest }) {
  const { form, forget } = useKeptForm(`note.${tramite.number}`, { text: '' });
  const key = useRef(newKey());
  const send = () => sent(form, AddNote, { clientKey: key.current, text: form.values.value.text }, { tramite, forget, ...rest });
  return html`<${DeedForm} form=${form} button=${t('deed.note.button')} onSend=${send} onCancel=${rest.onCancel}>
    <${TextField} form=${form} name="text" label=${t('deed.note.text')} hint=${t('deed.note.hint')} rows="4" maxlength="2000" /></${DeedForm}>`;
}

function Assign({ tramite, ...rest }) {
  const form = useForm({ userId: '' });
  const people = useSignal(/** @type {any[]} */ ([]));
  const load = async () => { people.value = (await ask(Colleagues, { officeCode: tramite.office.code })).colleagues; };
  useEffect(() => { load().catch((error) => { form.problems.value = [{ field: '', message: sentenceOf(error) }]; }); }, []);
  const send = () => sent(form, AssignTramite, { userId: form.values.value.userId }, { tramite, ...rest });
  return html`<${DeedForm} form=${form} button=${t('deed.assign.button')} onSend=${send} onCancel=${rest.onCancel}>
    <${SelectField} form=${form} name="userId" label=${t('deed.assign.who')} empty=${t('deed.assign.choose')}
      choices=${people.value.map((each) => [each.userId, each.fullName])} /></${DeedForm}>`;
}

/** @param {string[]} list @param {number} at @param {string} words */
const replaced = (list, at, words) => list.map((each, place) => (place === at ? words : each));

const joined = (/** @type {string} */ before, /** @type {string} */ words) => (before.trim() ? `${before.trimEnd()}\n${words}` : words);

const BODIES = { observe: Observe, refer: Refer, resolve: Resolve, folios: Folios, reopen: Reopen, note: Note, assign: Assign };
