// What a person at the desk must settle, each with what is to be done.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { CloseTask, Tasks } from '../api.gen.js';
import { CheckField, FormBox, Submit, TextField, useForm } from '../parts/basics.js';
import { Dialog } from '../parts/dialog.js';
import { arrive } from '../router.js';
import { addTexts, dateTime, mobile, t } from '../texts.js';
import texts from '../../texts/es-PE.mail.js';
import { Pages, useOutcome, usePages } from './pages.js';
import './style.js';

addTexts(texts);

export default function TasksPage() {
  const pages = usePages(Tasks, 'tasks', {});
  const chosen = useSignal(/** @type {any} */ (null));
  const { say, outcome } = useOutcome();
  useEffect(() => arrive(t('tasks.title')), []);
  const close = () => { chosen.value = null; };
  const done = async () => { close(); await pages.again(); say(t('tasks.done')); };
  return html`<h1>${t('tasks.title')}</h1><p class="lead">${t('tasks.lead')}</p>
    ${outcome}
    <${Pages} pages=${pages} none=${t('tasks.none')}>${(nodes) => html`<ul class="rows">${nodes.map((node) => html`<li key=${node.id}><${Task} task=${node} onSettle=${() => { chosen.value = node; }} /></li>`)}</ul>`}</${Pages}>
    <${Dialog} isOpen=${Boolean(chosen.value)} title=${chosen.value ? chosen.value.title : ''} onClose=${close}>${chosen.value && html`<${Settle} key=${chosen.value.id} task=${chosen.value} onDone=${done} onCancel=${close} />`}</${Dialog}>`;
}

const Task = ({ task, onSettle }) => html`<div><strong>${task.title}</strong><p>${task.toDo}</p>
    <p class="hint">${task.tramite && html`<a href=${`/bandeja/${task.tramite.number}`}>${task.tramite.number}</a> · ${task.tramite.subject} · `}
      ${task.person && `${task.person.fullName} · ${task.person.identityKind} ${task.person.identityNumber} · ${mobile(task.person.mobile)} · `}${t('tasks.opened', { at: dateTime(task.openedAt) })}</p></div>
  <button type="button" onClick=${onSettle}>${t('tasks.settle')}<span class="unseen">: ${task.title}</span></button>`;

function Settle({ task, onDone, onCancel }) {
  const form = useForm({ note: '', resumeNotices: false });
  return html`<${FormBox} form=${form} narrow=${false} onSubmit=${() => form.send(CloseTask, { input: { id: task.id, ...form.values.value } }, onDone)}>
    <p>${task.toDo}</p>
    <${TextField} form=${form} name="note" label=${t('tasks.note')} hint=${t('tasks.note.hint')} rows="4" maxlength="1000" />
    ${task.kind === 'ADDRESS_BOUNCED' && html`<${CheckField} form=${form} name="resumeNotices" label=${t('tasks.resume')} />`}
    <div class="buttons"><${Submit} form=${form}>${t('tasks.close')}</${Submit}><button type="button" onClick=${onCancel}>${t('dialog.cancel')}</button></div></${FormBox}>`;
}
