// Signing in: identity, password, security check; staff go on to their second factor. Also over a page whose session has ended.
// @ts-check
import { html, useEffect } from '../base.js';
import { PassSecondFactor, SignIn } from '../session.gen.js';
import { FormBox, Hours, IdentityFields, PasswordField, Submit, TextField, useForm } from '../parts/basics.js';
import { Security } from '../parts/security.js';
import { arrive, go, parameter } from '../router.js';
import { awaitsSecondFactor, carried, homeOf, isOurAddress, mustEnrol, onTheWay, person, signInAddress, welcome } from '../session.js';
import { t } from '../texts.js';

export default function SignInPage() {
  const form = useForm({ identityKind: carried.value?.identityKind ?? 'DNI', identityNumber: carried.value?.identityNumber ?? '', password: '', proof: null });
  useEffect(() => arrive(t('sign-in.title')), []);
  const back = parameter('volver');
  const onCode = () => go(`/ingresar/codigo${back ? `?volver=${encodeURIComponent(back)}` : ''}`, { replace: true });
  const onDone = (user) => {
    carried.value = null;
    if (isNextStep()) onCode(); else go(isOurAddress(back) ? /** @type {string} */ (back) : homeOf(user.role), { replace: true });
  };
  return html`<h1>${t('sign-in.title')}</h1>
    <p class="lead">${t('sign-in.lead')}</p>
    <p>${t('sign-in.new')}${' '}<a href=${onTheWay('/registro', back)}>${t('sign-in.register')}</a></p>
    <div class="beside"><div>
    <${FormBox} form=${form} title=${t('sign-in.title')} onSubmit=${() => signIn(form, /** @type {any} */ (form.values.value), { onCode, onDone })}>
      <${IdentityFields} form=${form} autocomplete="username" />
      <${PasswordField} form=${form} name="password" label=${t('password')} autocomplete="current-password" maxlength="256" />
      <${Security} form=${form} />
      <div class="buttons"><${Submit} form=${form}>${t('sign-in.button')}</${Submit}><a href=${onTheWay('/recuperar', back)}>${t('sign-in.forgotten')}</a></div>
    </${FormBox}></div>
    <${Hours} /></div>`;
}

/**
 * Send what was typed. A right password leads to the second step, or to the end of it.
 * @param {import('../parts/basics.js').Form} form
 * @param {{identityKind: any, identityNumber: string}} identity
 * @param {{onCode: () => void, onDone: (user: any) => void}} next
 */
function signIn(form, { identityKind, identityNumber }, { onCode, onDone }) {
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
const isNextStep = () => awaitsSecondFactor.value || mustEnrol.value;

/** The code of a telephone, or one that stands in for it. @param {{title?: string, onDone: (user: any) => void}} props */
export function CodeForm({ title, onDone }) {
  const form = useForm({ code: '' });
  const send = () => form.send(PassSecondFactor, { input: { code: form.values.value.code } }, (payload) => {
    form.set('code', '');
    welcome(payload.user);
    onDone(payload.user);
  });
  return html`<${FormBox} form=${form} title=${title} onSubmit=${send}>
    <${TextField} form=${form} name="code" label=${t('code.label')} hint=${t('code.hint')} autocomplete="one-time-code" autocapitalize="characters"
      spellcheck=${false} maxlength="40" />
    <div class="buttons"><${Submit} form=${form}>${t('code.button')}</${Submit}></div>
  </${FormBox}>`;
}

/** Only the password is asked for: whose page it is, is known. Another person begins on a page of their own. */
export function SignInAgain() {
  const form = useForm({ password: '', proof: null });
  const whose = person.value;
  if (awaitsSecondFactor.value) return html`<${CodeForm} onDone=${() => {}} />`;
  return html`<${FormBox} form=${form} onSubmit=${() => signIn(form, whose, { onCode: () => {}, onDone: () => {} })}>
    <${PasswordField} form=${form} name="password" label=${t('password')} autocomplete="current-password" maxlength="256" />
    <${Security} form=${form} />
    <div class="buttons"><${Submit} form=${form}>${t('sign-in.button')}</${Submit}></div>
    <p>${t('session.again.other')}${' '}<a href=${signInAddress()}>${t('session.again.other.link')}</a></p>
  </${FormBox}>`;
}
