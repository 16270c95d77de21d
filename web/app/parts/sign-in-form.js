// The two steps of signing in, as a page shows them and as they are shown over a page whose session has ended.
// @ts-check
import { html } from '../base.js';
import { PassSecondFactor, SignIn } from '../api.gen.js';
import { awaitsSecondFactor, mustEnrol, person, signInAddress, welcome } from '../session.js';
import { t } from '../texts.js';
import { FormBox, PasswordField, Submit, TextField, useForm } from './basics.js';
import { Security } from './security.js';

/**
 * Send what was typed. A right password leads to the second step, or to the end of it.
 * @param {import('./basics.js').Form} form
 * @param {{identityKind: any, identityNumber: string}} identity
 * @param {{onCode: () => void, onDone: (user: any) => void}} next
 */
export function signIn(form, { identityKind, identityNumber }, { onCode, onDone }) {
  const { password, proof } = form.values.value;
  return form.send(SignIn, { input: { identityKind, identityNumber, password, proof, session: 'COOKIE' } }, (payload) => {
    form.set('password', '');
    if (payload.awaitsSecondFactor) {
      awaitsSecondFactor.value = true;
      onCode();
      return;
    }
    welcome(payload.user);
    onDone(payload.user);
  });
}

/** Who has to show or enrol a second factor goes on there. */
export const isNextStep = () => awaitsSecondFactor.value || mustEnrol.value;

/** The code of a telephone, or one that stands in for it. @param {{title?: string, onDone: (user: any) => void}} props */
export function CodeForm({ title, onDone }) {
  const form = useForm({ code: '' });
  const send = () => form.send(PassSecondFactor, { input: { code: form.values.value.code } }, (payload) => {
    form.set('code', '');
    welcome(payload.user);
    onDone(payload.user);
  });
  return html`<${FormBox} form=${form} title=${title} onSubmit=${send}>
    <${TextField} form=${form} name="code" label=${t('code.label')} hint=${t('code.hint')} class="short" autocomplete="one-time-code" autocapitalize="characters"
      spellcheck=${false} maxlength="40" />
    <div class="buttons"><${Submit} form=${form}>${t('code.button')}</${Submit}></div>
  </${FormBox}>`;
}

/** Only the password is asked for: whose page it is, is known. Another person begins on a page of their own. */
export function SignInAgain() {
  const form = useForm({ password: '', proof: null });
  const stay = (user) => { if (user.id !== whose.id) location.assign('/'); };
  const whose = person.value;
  if (awaitsSecondFactor.value) return html`<${CodeForm} onDone=${stay} />`;
  return html`<${FormBox} form=${form} onSubmit=${() => signIn(form, whose, { onCode: () => {}, onDone: stay })}>
    <${PasswordField} form=${form} name="password" label=${t('password')} autocomplete="current-password" maxlength="256" />
    <${Security} form=${form} />
    <div class="buttons"><${Submit} form=${form}>${t('sign-in.button')}</${Submit}></div>
    <p>${t('session.again.other')}${' '}<a href=${signInAddress()}>${t('session.again.other.link')}</a></p>
  </${FormBox}>`;
}
