// The main data of a trámite that nobody has validated yet: changed, after a confirmation that shows what changes.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { OneTramite, UpdateTramite } from '../api.gen.js';
import { Facts, FormBox, SelectField, Submit, TextField } from '../parts/basics.js';
import { Dialog } from '../parts/dialog.js';
import { useKeptForm } from '../parts/kept.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive, go } from '../router.js';
import { counter } from '../session.js';
import { addTexts, mobile, t } from '../texts.js';
import texts from '../../texts/es-PE.tramites.js';
import { NotHere } from './tramite.js';

addTexts(texts);

const KINDS = ['LETTER', 'OFFICIAL_LETTER', 'APPLICATION', 'OTHER'];

export default function UpdatePage({ number }) {
  const loaded = useLoaded(OneTramite, { number });
  if (loaded.error?.code === 'INVALID_NUMBER') return html`<${NotHere} />`;
  return html`<${Loaded} loaded=${loaded}>${({ tramite }) => {
    if (!tramite) return html`<${NotHere} />`;
    return tramite.permissions.updateTramite ? html`<${Updating} tramite=${tramite} />` : html`<${NotNow} number=${tramite.number} what="update" />`;
  }}</${Loaded}>`;
}

/** The trámite has gone on since the page was thought of. @param {{number: string, what: 'update' | 'correct'}} props */
export function NotNow({ number, what }) {
  const title = t(what === 'update' ? 'update.not-now' : 'correct.not-now');
  useEffect(() => arrive(title), []);
  return html`<h1>${title}</h1><p>${t(what === 'update' ? 'update.not-now.what' : 'correct.not-now.what')}</p>
    <p><a class="button" href=${`/tramites/${number}`}>${t('update.back')}</a></p>`;
}

/** The data as the form shows them, by the names of the API. */
const valuesOf = (tramite) => ({
  officeCode: tramite.office.code,
  documentKind: tramite.documentKind ?? '',
  documentNumber: tramite.documentNumber ?? t('kind.none'),
  subject: tramite.subject,
  folios: tramite.folios === null ? '' : String(tramite.folios),
  contactEmail: tramite.contact.email ?? '',
  contactMobile: mobile(tramite.contact.mobile ?? ''),
});

const LABELS = {
  officeCode: 'update.office',
  documentKind: 'update.kind',
  documentNumber: 'update.number',
  subject: 'update.subject',
  folios: 'update.folios',
  contactEmail: 'update.email',
  contactMobile: 'update.mobile',
};

/** As people read it. @param {string} name @param {string} value */
function shown(name, value) {
  if (name === 'officeCode') return counter.value.offices.find((each) => each.code === value)?.name ?? value;
  return (name === 'documentKind' && value ? t(`kind.${value}`) : value) || t('document.unknown');
}

/** Only what was changed is sent. @param {Record<string, string>} changes */
function inputOf(changes) {
  const { folios, ...rest } = changes;
  if (folios === undefined) return rest;
  const count = Number(folios);
  // What is no number is judged by the API too, which asks for one of at least 1.
  return { ...rest, folios: Number.isSafeInteger(count) && Math.abs(count) < 2 ** 31 ? count : 0 };
}

function Updating({ tramite }) {
  const before = valuesOf(tramite);
  const { form, forget } = useKeptForm(`update.${tramite.number}`, before);
  const isAsked = useSignal(false);
  const values = form.values.value;
  const changed = Object.keys(before).filter((name) => values[name].trim() !== before[name]);
  const close = () => { isAsked.value = false; };
  const begin = () => {
    form.problems.value = changed.length ? [] : [{ field: '', message: t('update.nothing') }];
    isAsked.value = changed.length > 0;
  };
  const send = () => {
    close();
    const input = { id: tramite.id, ...inputOf(Object.fromEntries(changed.map((name) => [name, values[name].trim()]))) };
    form.send(UpdateTramite, { input }, () => {
      forget();
      go(`/tramites/${tramite.number}?actualizado`, { replace: true });
    });
  };
  return html`<h1>${t('update.title')}</h1><p class="lead">${t('update.lead', { number: tramite.number })}</p>
    <${FormBox} form=${form} title=${t('update.title')} onSubmit=${begin} narrow=${false}>
      <${Fields} form=${form} tramite=${tramite} />
      <div class="buttons"><${Submit} form=${form}>${t('update.button')}</${Submit}><a href=${`/tramites/${tramite.number}`}>${t('update.back')}</a></div>
    </${FormBox}>
    <${Dialog} isOpen=${isAsked.value} title=${t('update.confirm.title')} onClose=${close}>
      <${Facts} rows=${changed.map((name) => [t(LABELS[name]), rowOf(name, before[name], values[name].trim())])} />
      <div class="buttons"><button type="button" class="primary" onClick=${send}>${t('update.confirm.yes')}</button>
        <button type="button" onClick=${close}>${t('update.confirm.no')}</button></div>
    </${Dialog}>`;
}

/** @param {string} name @param {string} before @param {string} after */
const rowOf = (name, before, after) => t('update.confirm.row', { before: shown(name, before), after: shown(name, after) });

function Fields({ form, tramite }) {
  const offices = counter.value.offices.filter((each) => each.isOpenForFiling || each.code === tramite.office.code);
  return html`<div class="pair">
      <${SelectField} form=${form} name="officeCode" label=${t('update.office')} choices=${offices.map((each) => [each.code, each.name])} />
      <${SelectField} form=${form} name="documentKind" label=${t('update.kind')} choices=${KINDS.map((kind) => [kind, t(`kind.${kind}`)])}
        empty=${tramite.documentKind ? undefined : t('update.kind.choose')} />
    </div>
    <div class="pair">
      <${TextField} form=${form} name="documentNumber" label=${t('update.number')} hint=${t('update.number.hint')} maxlength="100" />
      <${TextField} form=${form} name="folios" label=${t('update.folios')} hint=${t('update.folios.hint')} inputmode="numeric" maxlength="6" />
    </div>
    <${TextField} form=${form} name="subject" label=${t('update.subject')} hint=${t('update.subject.hint')} rows="3" />
    <div class="pair">
      <${TextField} form=${form} name="contactEmail" label=${t('update.email')} hint=${t('update.email.hint')}
        type="email" autocomplete="email" maxlength="254" />
      <${TextField} form=${form} name="contactMobile" label=${t('update.mobile')} hint=${t('update.mobile.hint')}
        type="tel" autocomplete="tel-national" maxlength="20" />
    </div>`;
}
