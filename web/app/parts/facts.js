// A trámite's document, and how its dates came about.
// @ts-check
import { html } from '../base.js';
import { dateTime, day, hour, mobile, number, shortDay, t } from '../texts.js';
import { Address, Facts } from './basics.js';

/** What the document is, and its number. */
export function documentName({ documentKind, documentNumber }) {
  if (!documentKind && !documentNumber) return t('kind.unknown');
  return `${t(documentKind ? `kind.${documentKind}` : 'kind.unknown')} ${documentNumber ?? t('kind.none')}`;
}

export function DocumentFacts({ tramite }) {
  const { contact, organization } = tramite;
  const isByMail = tramite.channel === 'EMAIL';
  return html`<${Facts} rows=${[
    [t('document.number'), html`<span class="code">${tramite.number}</span>`],
    tramite.lookupKey && [t('document.key'), html`<span class="code">${tramite.lookupKey}</span>`],
    [t('document.subject'), tramite.subject],
    [t('document.kind'), documentName(tramite)],
    [t('document.folios'), tramite.folios === null ? t('document.unknown') : number(tramite.folios)],
    [t('document.office'), tramite.office.name],
    [t('document.sender'), tramite.senderName],
    organization && [t('document.organization'), t('document.organization.value', organization)],
    contact.email && [t('document.email'), html`<${Address} of=${contact.email} />`],
    contact.mobile && [t('document.mobile'), mobile(contact.mobile)],
    [t('document.sent'), dateTime(tramite.sentAt) + (isByMail ? `, ${t('document.channel.EMAIL')}` : '')],
    [t('document.filed'), day(tramite.filedOn)],
  ]} />`;
}

/** What must be corrected. The text ends with the points, which are a list here. */
export function Observation({ tramite: { observation, observationPoints: points } }) {
  const ending = points.length > 1 ? points.map((each, at) => `${at + 1}. ${each}`).join('\n') : points.join('');
  const words = observation.endsWith(ending) ? observation.slice(0, observation.length - ending.length).trim() : observation;
  return html`${words && html`<p class="quoted">${words}</p>`}
    ${points.length > 0 && html`<ol>${points.map((each) => html`<li key=${each}>${each}</li>`)}</ol>`}`;
}

const whyOf = ({ reason, source }) => (source ? `${reason} (${source})` : reason);
const Skipped = ({ days }) => html`<p>${t('dates.skipped')}</p>
  <ul>${days.map((each) => html`<li key=${each.day}>${shortDay(each.day)}: ${whyOf(each)}</li>`)}</ul>`;

/** How the legal date came about, and the term to correct. */
export function Dates({ tramite }) {
  const { filing, correction, receivedAt } = tramite.datesExplained;
  return html`<div class="dates">
    <p>${t('dates.sent', { sent: dateTime(tramite.sentAt) })}${' '}<strong>${t('dates.filed', { day: day(filing.filedOn) })}</strong></p>
    <p>${filing.rule.text}${filing.opensAt && ` ${t('dates.hours', { from: hour(filing.opensAt), to: hour(filing.closesAt) })}`}</p>
    ${filing.skipped.length > 0 && html`<${Skipped} days=${filing.skipped} />`}
    <p class="hint">${t('dates.source', { source: filing.rule.source })}</p>
    ${receivedAt && html`<p>${t('dates.received', { at: dateTime(receivedAt) })}</p>`}
    ${correction?.observedOn && html`<p>${t('dates.correction', { observed: day(correction.observedOn), day: day(correction.correctBy) })}</p>
      ${correction.skipped.length > 0 && html`<${Skipped} days=${correction.skipped} />`}
      <p class="hint">${t('dates.source', { source: correction.source })}</p>`}</div>`;
}
