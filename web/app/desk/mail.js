// One mail: its text without anything of it being opened or run, why it waits, and what can be done with it.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { newKey } from '../api.js';
import { AnswerMail, OneMail, RejectMail, ReleaseMail } from '../api.gen.js';
import { fetched } from '../bytes.js';
import { Facts, FormBox, sentenceOf, Submit, TextField, useForm } from '../parts/basics.js';
import { Dialog } from '../parts/dialog.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { addTexts, dateTime, number, size, t } from '../texts.js';
import texts from '../../texts/es-PE.mail.js';
import { placeOf, reasonOf } from './mails.js';
import { useOutcome } from './pages.js';
import './style.js';

addTexts(texts);

/** @param {{id: string}} props */
export default function MailPage({ id }) {
  const loaded = useLoaded(OneMail, { id });
  useEffect(() => arrive(t('mail.one')), []);
  return html`<p><a href="/correo">${t('mail.back')}</a></p><h1>${t('mail.one')}</h1>
    <${Loaded} loaded=${loaded}>${({ mail }) => (mail
      ? html`<${Mail} mail=${mail} onChange=${loaded.again} />`
      : html`<p>${t('not-here.what')}</p>`)}</${Loaded}>`;
}

function Mail({ mail, onChange }) {
  const asked = useSignal('');
  const { say, outcome } = useOutcome();
  const ask = (/** @type {string} */ deed) => { asked.value = deed; };
  const close = () => ask('');
  const done = async (/** @type {string} */ sentence) => { close(); await onChange(); say(sentence); };
  const reason = reasonOf(mail);
  return html`${outcome}
    ${reason && html`<div class="notice"><p>${reason}</p></div>`}
    <div class="buttons">
      ${mail.outcome === 'QUARANTINED' && html`<button type="button" class="primary" onClick=${() => ask('release')}>${t('mail.release')}</button>
        <button type="button" onClick=${() => ask('reject')}>${t('mail.reject')}</button>`}
      <button type="button" onClick=${() => ask('answer')}>${t('mail.answer')}</button>
    </div>
    <${MailFacts} mail=${mail} />
    <h2>${t('mail.text')}</h2>${mail.isKept ? html`<${Text} id=${mail.id} />` : html`<p>${t('mail.gone')}</p>`}
    ${mail.decisions.length > 0 && html`<h2>${t('mail.decisions')}</h2><${Decisions} decisions=${mail.decisions} />`}
    <${Dialog} isOpen=${Boolean(asked.value)} title=${asked.value && t(`mail.${asked.value}.title`)} onClose=${close}>
      ${asked.value && html`<${Asked} key=${asked.value} what=${asked.value} mail=${mail} onDone=${done} onCancel=${close} />`}</${Dialog}>`;
}

function MailFacts({ mail }) {
  return html`<${Facts} rows=${[
    [t('mail.fact.outcome'), t(`mail.outcome.${mail.outcome}`)],
    [t('mail.fact.received'), dateTime(mail.receivedAt)],
    [t('mail.fact.recorded'), dateTime(mail.recordedAt)],
    [t('mail.fact.mailbox'), placeOf(mail.mailbox)],
    [t('mail.fact.office'), mail.mailbox.office.name],
    mail.tramite && [t('mail.fact.tramite'), html`<a href=${`/bandeja/${mail.tramite.number}`}>${mail.tramite.number}</a>`],
    mail.hint && [t('mail.fact.hint'), html`<a href=${`/bandeja/${mail.hint.number}`}>${mail.hint.number}</a>`],
    [t('mail.fact.size'), size(mail.sizeBytes)],
    mail.copies > 1 && [t('mail.fact.copies'), number(mail.copies)],
  ]} />`;
}

/** What people decided about it. */
const Decisions = ({ decisions }) => html`<ul class="rows">${decisions.map((each) => html`<li key=${each.madeAt}><div>
  <strong>${t(`mail.decision.${each.kind}`)}</strong>
  <p class="hint">${each.madeBy.fullName} · ${dateTime(each.madeAt)}</p>
  ${each.text && html`<p class="said">${each.text}</p>`}
</div></li>`)}</ul>`;

/** Each with the field that it asks for, and how much may be written there. */
const DEEDS = { release: [ReleaseMail], reject: [RejectMail, 'reason', 1000], answer: [AnswerMail, 'text', 2000] };

function Asked({ what, mail, onDone, onCancel }) {
  const [operation, field, most] = /** @type {any} */ (DEEDS[/** @type {keyof typeof DEEDS} */ (what)]);
  const form = useForm({ reason: '', text: '' });
  const key = useRef(newKey());
  const submit = () => {
    const input = { id: mail.id, ...(field && { [field]: form.values.value[field] }), ...(what === 'answer' && { clientKey: key.current }) };
    form.send(operation, { input }, (payload) => onDone(t(`mail.${what}.done`, { number: payload.mail?.tramite?.number ?? '' })));
  };
  return html`<${FormBox} form=${form} onSubmit=${submit} narrow=${false}>
    <p>${t(`mail.${what}.what`)}</p>
    ${field && html`<${TextField} form=${form} name=${field} label=${t(`mail.${what}.label`)} rows="5" maxlength=${String(most)} />`}
    <div class="buttons">
      <${Submit} form=${form}>${t(`mail.${what}`)}</${Submit}>
      <button type="button" onClick=${onCancel}>${t('dialog.cancel')}</button>
    </div></${FormBox}>`;
}

/** The mail as plain text, as the counter reads it. */
function Text({ id }) {
  const text = useSignal(/** @type {string | null} */ (null));
  const trouble = useSignal('');
  useEffect(() => {
    fetched(`/mails/${id}/text`).then(async (file) => { text.value = await file.text(); })
      .catch((error) => { trouble.value = sentenceOf(error); });
  }, [id]);
  if (trouble.value) return html`<p class="problem" role="alert">${trouble.value}</p>`;
  if (text.value === null) return html`<p role="status">${t('wait')}</p>`;
  return html`<pre class="mail-text" tabindex="0" role="region" aria-label=${t('mail.text')}>${text.value}</pre>`;
}
