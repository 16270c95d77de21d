// The ledger of mails: each with what became of it and why; those in quarantine first.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { Mails } from '../api.gen.js';
import { arrive } from '../router.js';
import { addTexts, dateTime, size, t } from '../texts.js';
import texts from '../../texts/es-PE.mail.js';
import { Pages, usePages } from './pages.js';
import './style.js';

addTexts(texts);

const OUTCOMES = ['QUARANTINED', 'FILED', 'REPLY', 'AUTOMATIC', 'BOUNCE', 'REJECTED'];

/** What a folder is called; IMAP has one name for that into which all comes. @param {{folder: string}} mailbox */
export const folderOf = ({ folder }) => (folder === 'INBOX' ? t('mailbox.inbox') : folder);

export default function MailsPage() {
  const filter = useSignal(/** @type {any} */ ({ outcome: 'QUARANTINED', mailboxId: '', day: '' }));
  const { outcome, mailboxId, day } = filter.value;
  const pages = usePages(Mails, 'mails', { outcome: outcome || null, mailboxId: mailboxId || null, day: day || null });
  const mailboxes = pages.data?.mailboxes ?? [];
  useEffect(() => arrive(t('mail.title')), []);
  const set = (/** @type {object} */ more) => { filter.value = { ...filter.value, ...more }; };
  return html`<h1>${t('mail.title')}</h1>
    <p class="lead">${t('mail.lead')}</p>
    <${Mailboxes} mailboxes=${mailboxes} />
    <form class="search" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label>${t('mail.outcome')}<select value=${filter.value.outcome} onChange=${(event) => set({ outcome: event.target.value })}>
        <option value="">${t('mail.outcome.any')}</option>${OUTCOMES.map((each) => html`<option value=${each} key=${each}>${t(`mail.outcome.${each}`)}</option>`)}</select></label>
      ${mailboxes.length > 1 && html`<label>${t('mail.mailbox')}<select value=${filter.value.mailboxId} onChange=${(event) => set({ mailboxId: event.target.value })}>
        <option value="">${t('mail.mailbox.any')}</option>${mailboxes.map((each) => html`<option value=${each.id} key=${each.id}>${each.account} · ${folderOf(each)}</option>`)}</select></label>`}
      <label>${t('mail.day')}<input type="date" value=${filter.value.day} onChange=${(event) => set({ day: event.target.value })} /></label>
    </form>
    <${Pages} pages=${pages} none=${t('mail.none')}>${(nodes) => html`<ul class="rows">${nodes.map((node) => html`<li key=${node.id}><${MailRow} mail=${node} /></li>`)}</ul>`}</${Pages}>`;
}

/** What is the matter with a mail, and what to do; nothing once a person has decided. @param {any} mail */
export const reasonOf = ({ reasonText, decisions }) => (decisions.every((each) => each.kind === 'ANSWERED') ? reasonText : null);

const MailRow = ({ mail }) => html`<div><a href=${`/correo/${mail.id}`}><strong>${t('mail.received', { at: dateTime(mail.receivedAt) })}</strong></a>
    <p>${reasonOf(mail)}</p>
    <p class="hint">${mail.mailbox.office.name} · ${size(mail.sizeBytes)}${mail.tramite && ` · ${t('mail.tramite', { number: mail.tramite.number })}`}</p></div>
  <span class=${`tag mail-${mail.outcome}`}>${t(`mail.outcome.${mail.outcome}`)}</span>`;

/** Whether each mailbox is read; only what must be seen is said loudly. */
function Mailboxes({ mailboxes }) {
  return html`<ul class="plain mailboxes">${mailboxes.map((each) => html`<li key=${each.id} class=${each.failure ? 'notice bad' : ''}>
    <strong>${each.account}</strong> · ${folderOf(each)}: ${each.failure ? t('mailbox.failing', { at: dateTime(each.failingSince), why: t(`mailbox.${each.failure}`) })
    : each.isListening ? t('mailbox.listening', { at: dateTime(each.lookedAt) }) : t('mailbox.waiting')}
    ${each.backlog > 0 && ` ${t('mailbox.backlog', { count: each.backlog })}`}</li>`)}</ul>`;
}
