// Sign in: identity, password, security check; staff go on to their second factor.
// @ts-check
import { html, useEffect } from '../base.js';
import { FormBox, Hours, PasswordField, Submit, useForm } from '../parts/basics.js';
import { IdentityFields } from '../parts/identity.js';
import { Security } from '../parts/security.js';
import { isNextStep, signIn } from '../parts/sign-in-form.js';
import { arrive, go, parameter } from '../router.js';
import { homeOf, isOurAddress } from '../session.js';
import { t } from '../texts.js';

export default function SignInPage() {
  const form = useForm({ identityKind: 'DNI', identityNumber: '', password: '', proof: null });
  useEffect(() => arrive(t('sign-in.title')), []);
  const back = parameter('volver');
  const onCode = () => go(`/ingresar/codigo${back ? `?volver=${encodeURIComponent(back)}` : ''}`, { replace: true });
  const onDone = (user) => (isNextStep() ? onCode() : go(isOurAddress(back) ? /** @type {string} */ (back) : homeOf(user.role), { replace: true }));
  return html`<h1>${t('sign-in.title')}</h1>
    <p class="lead">${t('sign-in.lead')}</p>
    <div class="beside"><div>
    <${FormBox} form=${form} title=${t('sign-in.title')} onSubmit=${() => signIn(form, /** @type {any} */ (form.values.value), { onCode, onDone })}>
      <${IdentityFields} form=${form} autocomplete="username" />
      <${PasswordField} form=${form} name="password" label=${t('password')} autocomplete="current-password" maxlength="256" />
      <${Security} form=${form} />
      <div class="buttons"><${Submit} form=${form}>${t('sign-in.button')}</${Submit}><a href="/recuperar">${t('sign-in.forgotten')}</a></div>
      <p>${t('sign-in.new')}${' '}<a href="/registro">${t('sign-in.register')}</a></p>
    </${FormBox}></div>
    <${Hours} /></div>`;
}
