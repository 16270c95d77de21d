// A lost password and a lost mailbox: personal data open a request, which takes effect later, or at the desk.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { Registration, RequestRecoveryByData } from '../api.gen.js';
import { FormBox, IdentityFields, PasswordField, Submit, TextField, useForm } from '../parts/basics.js';
import { CheckField } from '../parts/choices.js';
import { useHeading } from '../parts/enrolment.js';
import { BirthDateField, NameFields, noPersonalData, personalDataOf } from '../parts/identity.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { Security } from '../parts/security.js';
import { arrive } from '../router.js';
import { carried, counter } from '../session.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.account.js';

addTexts(texts);

export default function RecoverByDataPage() {
  const loaded = useLoaded(Registration, {});
  const reference = useSignal('');
  useEffect(() => arrive(t('by-data.title')), []);
  return html`<h1>${t('by-data.title')}</h1>${reference.value ? html`<${Asked} reference=${reference.value} />`
    : html`<${Loaded} loaded=${loaded}>${({ registrationForm }) => html`<${Ask} rule=${registrationForm}
      onAsked=${(found) => { reference.value = found; }} />`}</${Loaded}>`}`;
}

function Ask({ rule, onAsked }) {
  const form = useForm({ ...noPersonalData(), ...carried.value, newPassword: '', changesContact: false, newEmail: '', newMobile: '', proof: null });
  const send = () => {
    const { newPassword, changesContact, newEmail, newMobile, proof, ...rest } = form.values.value;
    const given = (text) => (changesContact && text.trim() ? text : null);
    const input = { ...personalDataOf(rest), newPassword, newEmail: given(newEmail), newMobile: given(newMobile), proof };
    form.send(RequestRecoveryByData, { input }, (payload) => {
      form.set('newPassword', '');
      onAsked(payload.reference);
    });
  };
  return html`<p class="lead">${t('by-data.lead')}</p>
    <div class="notice"><p>${t('by-data.later')}</p></div>
    <${FormBox} form=${form} title=${t('by-data.title')} onSubmit=${send}>
      <${IdentityFields} form=${form} />
      <${NameFields} form=${form} />
      <${BirthDateField} form=${form} />
      <${PasswordField} form=${form} name="newPassword" label=${t('password.new')} hint=${rule.passwordPolicy.helpText} autocomplete="new-password"
        maxlength=${rule.passwordPolicy.maxLength} />
      <${CheckField} form=${form} name="changesContact" label=${t('by-data.contact')} hint=${t('by-data.contact.hint')} />
      ${form.values.value.changesContact && html`
        <${TextField} form=${form} name="newEmail" label=${t('by-data.email')} hint=${t('by-data.email.hint')} type="email" autocomplete="email"
          spellcheck=${false} maxlength="254" />
        <${TextField} form=${form} name="newMobile" label=${t('by-data.mobile')} hint=${t('mobile.hint')} class="short" type="tel" autocomplete="tel"
          maxlength="20" />`}
      <${Security} form=${form} />
      <div class="buttons"><${Submit} form=${form}>${t('by-data.button')}</${Submit}><a href="/recuperar">${t('by-data.back')}</a></div>
    </${FormBox}>`;
}

function Asked({ reference }) {
  const heading = useHeading();
  return html`<div class="notice good"><h2 ref=${heading} tabindex="-1">${t('by-data.asked')}</h2>
      <p>${t('by-data.reference')}</p><p class="code big"><strong>${reference}</strong></p><p>${t('by-data.reference.once')}</p></div>
    <h2>${t('by-data.next')}</h2>
    <ol class="instructions">${[1, 2, 3].map((each) => html`<li key=${each}>${t(`by-data.next.${each}`, { name: counter.value.institution.name })}</li>`)}</ol>
    <div class="buttons"><button type="button" onClick=${() => print()}>${t('codes.print')}</button><a href="/">${t('not-here.start')}</a></div>`;
}
