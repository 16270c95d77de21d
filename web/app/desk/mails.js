// The ledger of mails: each with what became of it and why; those in quarantine first.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { ask } from '../api.js';
import { Mails } from '../api.gen.js';
import { More, sentenceOf, Waiting } from '../parts/basics.js';
import { arrive } from '../router.js';
import { addTexts, dateTime, size, t } from '../texts.js';
import texts from '../../texts/es-PE.mail.js';
import { styled } from './style.js';

addTexts(texts);
await styled;

const FIRST = 20;
const OUTCOMES = ['QUARANTINED', 'FILED', 'REPLY', 'AUTOMATIC', 'BOUNCE', 'REJECTED'];

export default function MailsPage() {
  const filter = useSignal(/** @type {any} */ ({ outcome: 'QUARANTINED', mailboxId: '', day: '' }));
  const found = useSignal(/** @type {any} */ (null));
  const trouble = useSignal('');
  const first = useRef(FIRST);
  const load = async () => {
    const { outcome, mailboxId, day } = filter.value;
    try {
      found.value = await ask(Mails, { first: first.current, outcome: outcome || null, mailboxId: mailboxId || null, day: day || null });
      trouble.value = '';
    } catch (error) { trouble.value = sentenceOf(error); }
  };
  useEffect(() => arrive(t('mail.title')), []);
  useEffect(() => { first.current = FIRST; load(); }, [JSON.stringify(filter.value)]);
  const set = (/** @type {object} */ more) => { filter.value = { ...filter.value, ...more }; };
  const data = found.value;
  return html`<h1>${t('mail.title')}</h1>
    <p class="lead">${t('mail.lead')}</p>
    ${data && html`<${Mailboxes} mailboxes=${data.mailboxes} />`}
    <form class="search" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label>${t('mail.outcome')}<select value=${filter.value.outcome} onChange=${(event) => set({ outcome: event.target.value })}>
        <option value="">${t('mail.outcome.any')}</option>${OUTCOMES.map((each) => html`<option value=${each} key=${each}>${t(`mail.outcome.${each}`)}</option>`)}</select></label>
      ${data?.mailboxes.length > 1 && html`<label>${t('mail.mailbox')}<select value=${filter.value.mailboxId} onChange=${(event) => set({ mailboxId: event.target.value })}>
        <option value="">${t('mail.mailbox.any')}</option>${data.mailboxes.map((each) => html`<option value=${each.id} key=${each.id}>${each.account} · ${each.folder}</option>`)}</select></label>`}
      <label>${t('mail.day')}<input type="date" value=${filter.value.day} onChange=${(event) => set({ day: event.target.value })} /></label>
    </form>
    ${trouble.value && html`<div class="notice bad" role="alert"><p>${trouble.value}</p><p><button type="button" onClick=${load}>${t('trouble.again')}</button></p></div>`}
    ${data ? html`<p class="hint" role="status">${data.mails.edges.length ? '' : t('mail.none')}</p>
      <ul class="rows">${data.mails.edges.map(({ node }) => html`<li key=${node.id}><${MailRow} mail=${node} /></li>`)}</ul>
      <${More} pageInfo=${data.mails.pageInfo} onMore=${() => { first.current = Math.min(100, first.current + FIRST); load(); }} />` : !trouble.value && html`<${Waiting} />`}`;
}

const MailRow = ({ mail }) => html`<div><a href=${`/correo/${mail.id}`}><strong>${t('mail.received', { at: dateTime(mail.receivedAt) })}</strong></a>
    <p>${mail.reasonText}</p>
    <p class="hint">${mail.mailbox.office.name} · ${size(mail.sizeBytes)}${mail.tramite && ` · ${t('mail.tramite', { number: mail.tramite.number })}`}</p></div>
  <span class=${`tag mail-${mail.outcome}`}>${t(`mail.outcome.${mail.outcome}`)}</span>`;

/** Whether each mailbox is read; only what must be seen is said loudly. */
function Mailboxes({ mailboxes }) {
  return html`<ul class="plain mailboxes">${mailboxes.map((each) => html`<li key=${each.id} class=${each.failure ? 'notice bad' : ''}>
    <strong>${each.account}</strong> · ${each.folder}: ${each.failure ? t('mailbox.failing', { at: dateTime(each.failingSince), why: t(`mailbox.${each.failure}`) })
    : each.isListening ? t('mailbox.listening', { at: dateTime(each.lookedAt) }) : t('mailbox.waiting')}
    ${each.backlog > 0 && ` ${t('mailbox.backlog', { count: each.backlog })}`}</li>`)}</ul>`;
}
