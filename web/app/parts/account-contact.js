// How one is reached: mobile at once, an address once the code sent to it is confirmed.
// @ts-check
import { html, useSignal } from '../base.js';
import { ChangeContact, ConfirmEmailChange } from '../api.gen.js';
import { person } from '../session.js';
import { mobile as asSaid, t } from '../texts.js';
import { Changed, FormFoot } from './account-security.js';
import { Address, Facts, FormBox, PasswordField, TextField, useForm } from './basics.js';

export function Contact({ open, changed, change, rule }) {
  const { email, mobile, isEmailVerified } = person.value;
  const sentTo = useSignal('');
  const begin = (event) => { changed.value = ''; open.value = event.currentTarget.value; };
  return html`<section aria-labelledby="contact"><h2 id="contact">${t('account.contact')}</h2>
    <${Changed} is=${changed.value === 'contact'}>${t('account.contact.changed')}</${Changed}>
    ${!isEmailVerified && html`<div class="notice"><p>${t('account.unverified')}${' '}<a href="/registro/codigo">${t('account.verify')}</a></p></div>`}
    <${Facts} rows=${[
      [t('email'), html`<span class="code"><${Address} of=${email} /></span>`],
      [t('mobile'), html`<span class="code">${asSaid(mobile)}</span>`],
    ]} />
    ${open.value === 'contact' ? html`<${Change} open=${open} change=${change} onSent=${(to) => { sentTo.value = to; open.value = 'email-code'; }} />`
      : open.value === 'email-code' ? html`<${Code} open=${open} change=${change} rule=${rule} sentTo=${sentTo.value} />`
        : html`<div class="buttons"><button type="button" value="contact" onClick=${begin}>${t('account.contact.change')}</button>
          <button type="button" class="link" value="email-code" onClick=${begin}>${t('account.contact.has-code')}</button></div>`}
  </section>`;
}

function Change({ open, change, onSent }) {
  const form = useForm({ email: person.value.email, mobile: asSaid(person.value.mobile), currentPassword: '' });
  const send = () => {
    const { email, mobile, currentPassword } = form.values.value;
    const other = (name, typed) => ([person.value[name], asSaid(person.value[name])].includes(typed.trim()) ? null : typed);
    form.send(ChangeContact, { input: { currentPassword, email: other('email', email), mobile: other('mobile', mobile) } }, async (payload) => {
      person.value = payload.user;
      if (payload.awaitsCode) onSent(email);
      else await change('contact');
    });
  };
  return html`<${FormBox} form=${form} onSubmit=${send}>
    <${TextField} form=${form} name="email" label=${t('account.email.new')} hint=${t('account.email.hint')} type="email" autocomplete="email"
      spellcheck=${false} maxlength="254" />
    <${TextField} form=${form} name="mobile" label=${t('mobile')} hint=${t('mobile.hint')} class="short" type="tel" autocomplete="tel" maxlength="20" />
    <${PasswordField} form=${form} name="currentPassword" label=${t('password.current')} hint=${t('password.current.why')}
      autocomplete="current-password" maxlength="256" />
    <${FormFoot} form=${form} open=${open}>${t('account.save')}</${FormFoot}>
  </${FormBox}>`;
}

function Code({ open, change, rule, sentTo }) {
  const form = useForm({ code: '' });
  const send = () => form.send(ConfirmEmailChange, { input: { code: form.values.value.code } }, (payload) => {
    person.value = payload.user;
    return change('contact');
  });
  return html`<p role="status">${sentTo ? t('account.email.sent', { email: sentTo }) : t('account.email.typed')}</p>
    <${FormBox} form=${form} onSubmit=${send}>
      <${TextField} form=${form} name="code" label=${t('account.email.code')}
        hint=${t('verify.code.hint', { digits: rule.codeDigits, minutes: rule.codeMinutes })} class="short" inputmode="numeric"
          autocomplete="one-time-code" maxlength="12" />
      <${FormFoot} form=${form} open=${open}>${t('verify.button')}</${FormFoot}>
    </${FormBox}>`;
}
