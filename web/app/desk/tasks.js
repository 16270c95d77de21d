// What a person at the desk must settle, each with what is to be done.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { ask } from '../api.js';
import { CloseTask, Tasks } from '../api.gen.js';
import { CheckField, Dialog, FormBox, More, sentenceOf, Submit, TextField, useForm, Waiting } from '../parts/basics.js';
import { arrive } from '../router.js';
import { addTexts, dateTime, t } from '../texts.js';
import texts from '../../texts/es-PE.mail.js';
import { styled } from './style.js';

addTexts(texts);
await styled;

const FIRST = 20;

export default function TasksPage() {
  const found = useSignal(/** @type {any} */ (null));
  const trouble = useSignal('');
  const chosen = useSignal(/** @type {any} */ (null));
  const outcome = useSignal('');
  const first = useRef(FIRST);
  const load = async () => {
    try {
      found.value = (await ask(Tasks, { first: first.current })).tasks;
      trouble.value = '';
    } catch (error) { trouble.value = sentenceOf(error); }
  };
  useEffect(() => { arrive(t('tasks.title')); load(); }, []);
  const close = () => { chosen.value = null; };
  const done = async () => { close(); outcome.value = t('tasks.done'); await load(); };
  return html`<h1>${t('tasks.title')}</h1><p class="lead">${t('tasks.lead')}</p>
    <p role="status" class=${outcome.value ? 'notice good' : 'unseen'}>${outcome.value}</p>
    ${trouble.value && html`<div class="notice bad" role="alert"><p>${trouble.value}</p><p><button type="button" onClick=${load}>${t('trouble.again')}</button></p></div>`}
    ${found.value ? html`<ul class="rows">${found.value.edges.map(({ node }) => html`<li key=${node.id}><${Task} task=${node} onSettle=${() => { chosen.value = node; }} /></li>`)}</ul>
      ${found.value.edges.length === 0 && html`<p>${t('tasks.none')}</p>`}
      <${More} pageInfo=${found.value.pageInfo} onMore=${() => { first.current = Math.min(100, first.current + FIRST); load(); }} />` : !trouble.value && html`<${Waiting} />`}
    <${Dialog} isOpen=${Boolean(chosen.value)} title=${chosen.value ? chosen.value.title : ''} onClose=${close}>${chosen.value && html`<${Settle} key=${chosen.value.id} task=${chosen.value} onDone=${done} onCancel=${close} />`}</${Dialog}>`;
}

const Task = ({ task, onSettle }) => html`<div><strong>${task.title}</strong><p>${task.toDo}</p>
    <p class="hint">${task.tramite && html`<a href=${`/bandeja/${task.tramite.number}`}>${task.tramite.number}</a> · ${task.tramite.subject} · `}
      ${task.person && `${task.person.fullName} · ${task.person.identityKind} ${task.person.identityNumber} · ${task.person.mobile} · `}${t('tasks.opened', { at: dateTime(task.openedAt) })}</p></div>
  <button type="button" onClick=${onSettle}>${t('tasks.settle')}<span class="unseen">: ${task.title}</span></button>`;

function Settle({ task, onDone, onCancel }) {
  const form = useForm({ note: '', resumeNotices: false });
  return html`<${FormBox} form=${form} narrow=${false} onSubmit=${() => form.send(CloseTask, { input: { id: task.id, ...form.values.value } }, onDone)}>
    <p>${task.toDo}</p>
    <${TextField} form=${form} name="note" label=${t('tasks.note')} hint=${t('tasks.note.hint')} rows="4" maxlength="1000" />
    ${task.kind === 'ADDRESS_BOUNCED' && html`<${CheckField} form=${form} name="resumeNotices" label=${t('tasks.resume')} />`}
    <div class="buttons"><${Submit} form=${form}>${t('tasks.close')}</${Submit}><button type="button" onClick=${onCancel}>${t('dialog.cancel')}</button></div></${FormBox}>`;
}
