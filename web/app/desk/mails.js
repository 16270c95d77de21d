// The ledger of mails: each with what became of it and why; those in quarantine first.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { Mails } from '../api.gen.js';
import { arrive } from '../router.js';
import { addTexts, dateTime, size, t } from '../texts.js';
import texts from '../../texts/es-PE.mail.js';
import { Filter, Pages, usePages } from './pages.js';
import './style.js';

addTexts(texts);

const OUTCOMES = ['QUARANTINED', 'FILED', 'REPLY', 'AUTOMATIC', 'BOUNCE', 'REJECTED'];

/** What a folder is called; IMAP has one name for that into which all comes. @param {{folder: string}} mailbox */
const folderOf = ({ folder }) => (folder === 'INBOX' ? t('mailbox.inbox') : folder);

/** Where mail comes in. @param {{account: string, folder: string}} mailbox */
export const placeOf = (mailbox) => `${mailbox.account} · ${folderOf(mailbox)}`;

export default function MailsPage() {
  const filter = useSignal(/** @type {any} */ ({ outcome: 'QUARANTINED', mailboxId: '', day: '' }));
  const { outcome, mailboxId, day } = filter.value;
  const pages = usePages(Mails, 'mails', { outcome: outcome || null, mailboxId: mailboxId || null, day: day || null });
  const mailboxes = pages.data?.mailboxes ?? [];
  useEffect(() => arrive(t('mail.title')), []);
  const set = (/** @type {object} */ more) => { filter.value = { ...filter.value, ...more }; };
  const isQueue = outcome === 'QUARANTINED' && !mailboxId && !day;
  const outcomes = OUTCOMES.map((each) => [each, t(`mail.outcome.${each}`)]);
  return html`<h1>${t('mail.title')}</h1>
    <p class="lead">${t('mail.lead')}</p>
    <${Mailboxes} mailboxes=${mailboxes} />
    <form class="search" role="search" onSubmit=${(event) => event.preventDefault()}>
      <${Filter} label=${t('mail.outcome')} value=${outcome} choices=${[['', t('mail.outcome.any')], ...outcomes]} onChange=${(to) => set({ outcome: to })} />
      ${mailboxes.length > 1 && html`<${Filter} label=${t('mail.mailbox')} value=${mailboxId}
        choices=${[['', t('mail.mailbox.any')], ...mailboxes.map((each) => [each.id, placeOf(each)])]} onChange=${(to) => set({ mailboxId: to })} />`}
      <label>${t('mail.day')}<input type="date" value=${day} onChange=${(event) => set({ day: event.target.value })} /></label>
    </form>
    <${Pages} pages=${pages} none=${t(isQueue ? 'mail.none.waits' : 'mail.none')}>${(nodes) => html`<ul class="rows">
      ${nodes.map((node) => html`<li key=${node.id}><${MailRow} mail=${node} /></li>`)}</ul>`}</${Pages}>`;
}

/** What is the matter with a mail, and what to do; nothing once a person has decided. @param {any} mail */
export const reasonOf = ({ reasonText, decisions }) => (decisions.every((each) => each.kind === 'ANSWERED') ? reasonText : null);

const MailRow = ({ mail }) => html`<div>
    <a href=${`/correo/${mail.id}`}><strong>${t('mail.received', { at: dateTime(mail.receivedAt) })}</strong></a>
    <p>${reasonOf(mail)}</p>
    <p class="hint">${mail.mailbox.office.name} · ${size(mail.sizeBytes)}${mail.tramite && ` · ${t('mail.tramite', mail.tramite)}`}</p>
  </div>
  <span class=${`tag mail-${mail.outcome}`}>${t(`mail.outcome.${mail.outcome}`)}</span>`;

/** Whether each mailbox is read; only what must be seen is said loudly. */
function Mailboxes({ mailboxes }) {
  return html`<ul class="plain mailboxes">${mailboxes.map((each) => html`<li key=${each.id} class=${each.failure ? 'notice bad' : ''}>
    <strong>${each.account}</strong> · ${folderOf(each)}: ${stateOf(each)}${each.backlog > 0 && ` ${t('mailbox.backlog', { count: each.backlog })}`}
  </li>`)}</ul>`;
}

/** @param {any} mailbox */
function stateOf({ failure, failingSince, isListening, lookedAt }) {
  if (failure) return t('mailbox.failing', { at: dateTime(failingSince), why: t(`mailbox.${failure}`) });
  return isListening ? t('mailbox.listening', { at: dateTime(lookedAt) }) : t('mailbox.waiting');
}
