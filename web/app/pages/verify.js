// The code that was sent to an address after the registration, or another in its place.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { Registration, ResendVerification, VerifyEmail } from '../api.gen.js';
import { Address, FormBox, IdentityFields, Submit, TextField, useForm } from '../parts/basics.js';
import { useHeading } from '../parts/enrolment.js';
import { identityOf } from '../parts/identity.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive, parameter } from '../router.js';
import { carried, homeOf, onTheWay, person } from '../session.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.account.js';

addTexts(texts);

export default function VerifyPage() {
  const known = carried.value ?? person.value;
  const loaded = useLoaded(Registration, {});
  const isDone = useSignal(false);
  useEffect(() => arrive(t('verify.title')), []);
  return html`<h1>${t('verify.title')}</h1>${isDone.value ? html`<${Done} />`
    : html`<${Loaded} loaded=${loaded}>${({ registrationForm }) => html`<${Code} known=${known} rule=${registrationForm}
      onDone=${() => { isDone.value = true; }} />`}</${Loaded}>`}`;
}

function Code({ known, rule, onDone }) {
  const form = useForm({ identityKind: known?.identityKind ?? 'DNI', identityNumber: known?.identityNumber ?? '', code: '' });
  const isSent = useSignal(false);
  const identity = identityOf(form.values.value);
  const send = () => {
    isSent.value = false;
    form.send(VerifyEmail, { input: { ...identity, code: form.values.value.code } }, () => {
      if (person.value) person.value = { ...person.value, isEmailVerified: true };
      onDone();
    });
  };
  const again = () => form.send(ResendVerification, { input: identity }, () => { isSent.value = true; });
  const numbers = { digits: rule.codeDigits, minutes: rule.codeMinutes };
  return html`<p class="lead">${t(parameter('nueva') === null ? 'verify.lead' : 'verify.lead.new', numbers)}</p>
    ${known?.email && html`<p>${t('verify.to')}${' '}<strong class="code"><${Address} of=${known.email} /></strong></p>`}
    <${FormBox} form=${form} title=${t('verify.title')} onSubmit=${send}>
      ${!known && html`<${IdentityFields} form=${form} />`}
      <${TextField} form=${form} name="code" label=${t('verify.code')} hint=${t('verify.code.hint', numbers)} class="short" inputmode="numeric"
        autocomplete="one-time-code" maxlength="12" />
      <div class="buttons"><${Submit} form=${form}>${t('verify.button')}</${Submit}></div>
      <h2>${t('verify.none')}</h2><p>${t('verify.none.what')}</p>
      <p><button type="button" aria-disabled=${form.isBusy.value} onClick=${again}>${t('verify.again')}</button></p>
      <p role="status">${isSent.value && t('verify.sent')}</p>
      ${!person.value && html`<p>${t('verify.wrong')}${' '}<a href=${onTheWay('/registro', carried.value?.back)}>${t('verify.wrong.again')}</a></p>`}
    </${FormBox}>`;
}

function Done() {
  const heading = useHeading();
  return html`<div class="notice good"><h2 ref=${heading} tabindex="-1">${t('verify.done')}</h2><p>${t('verify.done.what')}</p></div>
    <p><a class="button primary" href=${person.value ? homeOf(person.value.role) : onTheWay('/ingresar', carried.value?.back)}>
      ${t(person.value ? 'verify.go-on' : 'register.sign-in')}</a></p>`;
}
