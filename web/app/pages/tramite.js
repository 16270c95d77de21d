// One trámite: where it stands and what happens next, live; with `?presentado` the confirmation of its filing.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { OneTramite, VoidTramite } from '../api.gen.js';
import { FormBox, Status, Submit, TextField, useForm } from '../parts/basics.js';
import { Dialog } from '../parts/dialog.js';
import { Dates, DocumentFacts, Observation } from '../parts/facts.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { Files, ReceiptButton, Receipts } from '../parts/papers.js';
import { LiveMark, Timeline, useLive } from '../parts/timeline.js';
import { arrive, go, parameter } from '../router.js';
import { addTexts, dateTime, day, t } from '../texts.js';
import texts from '../../texts/es-PE.tramites.js';

addTexts(texts);

const DONE = ['actualizado', 'corregido', 'anulado', 'incorporado'];

export default function TramitePage({ number }) {
  const loaded = useLoaded(OneTramite, { number });
  if (loaded.error?.code === 'INVALID_NUMBER') return html`<${NotHere} />`;
  return html`<${Loaded} loaded=${loaded}>${({ tramite }) => (tramite
    ? html`<${Shown} tramite=${tramite} again=${loaded.again} />`
    : html`<${NotHere} />`)}</${Loaded}>`;
}

/** There is none, or it is somebody else's: both are told alike. */
export function NotHere() {
  useEffect(() => arrive(t('tramite.not-here')), []);
  return html`<h1>${t('tramite.not-here')}</h1><p>${t('tramite.not-here.what')}</p>
    <p><a href="/consulta">${t('tramite.not-here.check')}</a></p><p><a href="/tramites">${t('tramite.back')}</a></p>`;
}

function Shown({ tramite, again }) {
  const isFiled = parameter('presentado') !== null;
  const title = isFiled ? t('filed.title') : tramite.subject;
  useEffect(() => arrive(title), [title]);
  const news = useSignal('');
  const isLive = useLive({
    filter: { number: tramite.number },
    after: tramite.history[tramite.history.length - 1]?.cursor ?? null,
    onChange: ({ actorRole, toStatus }) => {
      if (actorRole !== 'APPLICANT') news.value = toStatus;  // What one did oneself is told where it was done.
      again();
    },
    onCaughtUp: again,
  });
  return html`${isFiled ? html`<${Filed} tramite=${tramite} />` : html`<p class="trail"><a href="/tramites">${t('tramite.back')}</a></p>
      <h1>${tramite.subject}</h1>`}
    <div aria-live="polite">${news.value ? html`<${News} status=${news.value} />` : html`<${Done} />`}</div>
    <p class="standing">${!isFiled && html`<span class="code">${tramite.number}</span>`}
      <${Status} status=${tramite.status} /><${LiveMark} isLive=${isLive} /></p>
    <${Undelivered} notices=${tramite.notices} />
    <${Next} tramite=${tramite} />
    ${tramite.resolution && html`<${Resolution} tramite=${tramite} />`}
    <h2>${t('receipts.title')}</h2><${Receipts} receipts=${tramite.receipts} maySend=${tramite.permissions.sendReceiptAgain} />
    <h2>${t('tramite.now')}</h2><${Timeline} history=${tramite.history} />
    <h2>${t('document.title')}</h2><${DocumentFacts} tramite=${tramite} />
    <h2>${t('files.title')}</h2><${Files} files=${tramite.attachments} />
    <h2>${t('dates.title')}</h2><${Dates} tramite=${tramite} />
    <${Changes} tramite=${tramite} again=${again} />`;
}

/** What others have just done. */
const News = ({ status }) => html`<p class="notice news">${t('tramite.changed', { status: t(`status.${status}`) })}</p>`;

/** A mail that came back: the latest one, so that the address is mended. */
function Undelivered({ notices }) {
  const last = notices[notices.length - 1];
  if (last?.state !== 'UNDELIVERABLE') return null;
  const address = last.maskedAddress ?? t('document.unknown');
  return html`<p class="notice bad">${t('tramite.undelivered', { label: last.label, address })}${last.reason && ` ${last.reason}`}</p>`;
}

/** What was just done on another page, or on this one. */
function Done() {
  const what = DONE.find((each) => parameter(each) !== null);
  return what ? html`<p class="notice good">${t(`tramite.done.${what}`)}</p>` : null;
}

/** Number and key are long: on a telephone they are not easily marked. @param {{text: string}} props */
function Copy({ text }) {
  const said = useSignal('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.value = t('filed.copied');
    } catch { said.value = t('filed.not-copied'); }
  };
  return html`<button type="button" onClick=${copy}>${t('filed.copy')}</button><span role="status">${said.value}</span>`;
}

/** The confirmation of a filing; it is an address of its own, so it survives a bookmark. */
function Filed({ tramite }) {
  const receipt = tramite.receipts[0];
  const sentOn = tramite.datesExplained.sentAt.slice(0, 10);  // On Lima's clock.
  return html`<div class="filed"><h1>${t('filed.title')}</h1><p>${t('filed.number')}</p><p class="code">${tramite.number}</p>
      <p>${t('filed.date', { day: day(tramite.filedOn) })}</p>
      ${tramite.lookupKey && html`<p>${t('filed.key', { key: '' })}<span class="key">${tramite.lookupKey}</span></p>`}</div>
    <div class="buttons">${receipt && html`<${ReceiptButton} receipt=${receipt} isPrimary=${true}>${t('filed.receipt')}</${ReceiptButton}>`}
      ${tramite.lookupKey && html`<${Copy} text=${t('filed.both', { number: tramite.number, key: tramite.lookupKey })} />`}
      <a href="/tramites">${t('tramite.back')}</a></div>
    ${sentOn !== tramite.filedOn && html`<p class="notice">${t('filed.other-day', { sent: dateTime(tramite.sentAt), day: day(tramite.filedOn) })}</p>`}
    <p>${tramite.contact.email ? t('filed.mailed', { email: tramite.contact.email }) : t('filed.kept')}</p>`;
}

/** What was observed is not observed again. @param {any} tramite */
const isCorrected = (tramite) => tramite.history.some((entry) => entry.act === 'CORRECTED');

/** @param {any} tramite */
function nextOf(tramite) {
  const data = { day: day(tramite.correctBy ?? tramite.filedOn), office: tramite.office.name };
  if (tramite.status !== 'PENDING') return t(`next.${tramite.status}`, data);
  if (isCorrected(tramite)) return t('next.PENDING.corrected');
  if (tramite.datesExplained.receivedAt) return t('next.PENDING.received');
  return t('next.PENDING', { day: day(tramite.filedOn) });
}

const WAITS = ['PENDING', 'REFERRED'];

function Next({ tramite }) {
  const waits = WAITS.includes(tramite.status);
  const email = tramite.contact.email;
  return html`<section class=${`card next is-${tramite.status}`} aria-labelledby="next-title"><h2 id="next-title">${t('tramite.next')}</h2>
    <p>${tramite.status === 'OBSERVED' ? html`<strong>${nextOf(tramite)}</strong>` : nextOf(tramite)}</p>
    ${tramite.missing.length > 0 && html`<p>${t('next.missing')}</p><ul>${tramite.missing.map((each) => html`<li key=${each}>${each}</li>`)}</ul>`}
    ${tramite.status === 'OBSERVED' && html`<${ToCorrect} tramite=${tramite} />`}
    ${tramite.permissions.voidTramite && html`<p>${t('next.mistake')}${' '}<a href="#change">${t('next.change')}</a></p>`}
    ${waits && html`<p>${t('next.term')}</p>${email && html`<p>${t('next.told', { email })}</p>`}`}
  </section>`;
}

function ToCorrect({ tramite }) {
  return html`<h3>${t('observation.title')}</h3><${Observation} tramite=${tramite} />
    ${tramite.permissions.correctTramite && html`<p>
      <a class="button primary" href=${`/tramites/${tramite.number}/corregir`}>${t('observation.correct')}</a></p>`}`;
}

function Resolution({ tramite }) {
  return html`<section aria-labelledby="resolution-title"><h2 id="resolution-title">${t('resolution.title')}</h2><p class="quoted">${tramite.resolution}</p>
    ${tramite.answerFiles.length > 0 && html`<${Files} files=${tramite.answerFiles} />`}</section>`;
}

function Changes({ tramite, again }) {
  const isAsked = useSignal(false);
  const { updateTramite, voidTramite } = tramite.permissions;
  if (!updateTramite && !voidTramite) return null;
  return html`<section id="change" aria-labelledby="change-title"><h2 id="change-title">${t('change.title')}</h2>
    <p>${t(isCorrected(tramite) ? 'change.what.corrected' : 'change.what')}</p>
    <div class="buttons">${updateTramite && html`<a class="button" href=${`/tramites/${tramite.number}/actualizar`}>${t('change.update')}</a>`}
      ${voidTramite && html`<button type="button" class="danger" onClick=${() => { isAsked.value = true; }}>${t('change.void')}</button>`}</div>
    <${Dialog} isOpen=${isAsked.value} title=${t('void.title', { number: tramite.number })} onClose=${() => { isAsked.value = false; }}>
      <${Voiding} tramite=${tramite} again=${again} onEnd=${() => { isAsked.value = false; }} /></${Dialog}>
  </section>`;
}

function Voiding({ tramite, again, onEnd }) {
  const form = useForm({ reason: '' });
  const send = () => form.send(VoidTramite, { input: { id: tramite.id, reason: form.values.value.reason || null } }, async () => {
    onEnd();
    go(`/tramites/${tramite.number}?anulado`, { replace: true });
    await again();
    arrive(tramite.subject);
  });
  return html`<p>${t('void.what')}</p>
    <${FormBox} form=${form} onSubmit=${send} narrow=${false}>
      <${TextField} form=${form} name="reason" label=${t('void.reason')} hint=${t('void.reason.hint')} isOptional=${true} rows="3" />
      <div class="buttons">
        <${Submit} form=${form} isDanger=${true}>${t('void.yes')}</${Submit}>
        <button type="button" onClick=${onEnd}>${t('void.no')}</button>
      </div>
    </${FormBox}>`;
}
