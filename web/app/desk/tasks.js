// What a person at the desk must settle, each with what is to be done.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { CloseTask, Tasks } from '../api.gen.js';
import { FormBox, Submit, TextField, useForm } from '../parts/basics.js';
import { CheckField } from '../parts/choices.js';
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
    <${Pages} pages=${pages} none=${t('tasks.none')}>${(nodes) => html`<ul class="rows">
      ${nodes.map((node) => html`<${Task} key=${node.id} task=${node} onSettle=${() => { chosen.value = node; }} />`)}</ul>`}</${Pages}>
    <${Dialog} isOpen=${Boolean(chosen.value)} title=${chosen.value?.title ?? ''} onClose=${close}>
      ${chosen.value && html`<${Settle} key=${chosen.value.id} task=${chosen.value} onDone=${done} onCancel=${close} />`}</${Dialog}>`;
}

/** @param {any} person */
const known = ({ fullName, identityKind, identityNumber, mobile: called }) => `${fullName} · ${identityKind} ${identityNumber} · ${mobile(called)}`;

function Task({ task: { title, toDo, tramite, person, openedAt }, onSettle }) {
  return html`<li>
    <div><strong>${title}</strong><p>${toDo}</p>
      <p class="hint">${tramite && html`<a href=${`/bandeja/${tramite.number}`}>${tramite.number}</a> · ${tramite.subject} · `}
        ${person && `${known(person)} · `}${t('tasks.opened', { at: dateTime(openedAt) })}</p></div>
    <button type="button" onClick=${onSettle}>${t('tasks.settle')}<span class="unseen">: ${title}</span></button>
  </li>`;
}

function Settle({ task, onDone, onCancel }) {
  const form = useForm({ note: '', resumeNotices: false });
  const close = () => form.send(CloseTask, { input: { id: task.id, ...form.values.value } }, onDone);
  return html`<${FormBox} form=${form} narrow=${false} onSubmit=${close}>
    <p>${task.toDo}</p>
    <${TextField} form=${form} name="note" label=${t('tasks.note')} hint=${t('tasks.note.hint')} rows="4" maxlength="1000" />
    ${task.kind === 'ADDRESS_BOUNCED' && html`<${CheckField} form=${form} name="resumeNotices" label=${t('tasks.resume')} />`}
    <div class="buttons">
      <${Submit} form=${form}>${t('tasks.close')}</${Submit}>
      <button type="button" onClick=${onCancel}>${t('dialog.cancel')}</button>
    </div></${FormBox}>`;
}
