// The code that recovers an account, and the new password.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { Registration, ResetPassword } from '../api.gen.js';
import { FormBox, IdentityFields, PasswordField, Submit, TextField, useForm } from '../parts/basics.js';
import { useHeading } from '../parts/enrolment.js';
import { identityOf } from '../parts/identity.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { carried, onTheWay } from '../session.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.account.js';

addTexts(texts);

export default function ResetPage() {
  const known = carried.value;
  const loaded = useLoaded(Registration, {});
  const isDone = useSignal(false);
  useEffect(() => arrive(t('reset.title')), []);
  return html`<h1>${t('reset.title')}</h1>${isDone.value ? html`<${Done} />`
    : html`<${Loaded} loaded=${loaded}>${({ registrationForm }) => html`<${Reset} known=${known} rule=${registrationForm}
      onDone=${() => { isDone.value = true; }} />`}</${Loaded}>`}`;
}

function Reset({ known, rule, onDone }) {
  const form = useForm({ identityKind: known?.identityKind ?? 'DNI', identityNumber: known?.identityNumber ?? '', code: '', newPassword: '' });
  const send = () => {
    const { code, newPassword, ...rest } = form.values.value;
    form.send(ResetPassword, { input: { ...identityOf(rest), code, newPassword } }, () => {
      form.set('newPassword', '');
      onDone();
    });
  };
  const numbers = { digits: rule.codeDigits, minutes: rule.codeMinutes };
  return html`<p class="lead">${t(known ? 'reset.lead' : 'reset.lead.again', numbers)}</p>
    <${FormBox} form=${form} title=${t('reset.title')} onSubmit=${send}>
      ${!known && html`<${IdentityFields} form=${form} autocomplete="username" />`}
      <${TextField} form=${form} name="code" label=${t('reset.code')} hint=${t('verify.code.hint', numbers)} class="short" inputmode="numeric"
        autocomplete="one-time-code" maxlength="12" />
      <${PasswordField} form=${form} name="newPassword" label=${t('password.new')} hint=${rule.passwordPolicy.helpText} autocomplete="new-password"
        maxlength=${rule.passwordPolicy.maxLength} />
      <div class="buttons"><${Submit} form=${form}>${t('reset.button')}</${Submit}><a href="/recuperar">${t('reset.another')}</a></div>
    </${FormBox}>
    <details><summary>${t('reset.none')}</summary><p>${t('reset.none.what')}</p></details>`;
}

function Done() {
  const heading = useHeading();
  return html`<div class="notice good"><h2 ref=${heading} tabindex="-1">${t('reset.done')}</h2><p>${t('reset.done.what')}</p></div>
    <p><a class="button primary" href=${onTheWay('/ingresar', carried.value?.back)}>${t('register.sign-in')}</a></p>`;
}
