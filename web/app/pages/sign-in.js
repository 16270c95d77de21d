// Sign in: identity, password, security check; staff go on to their second factor.
// @ts-check
import { html, useEffect } from '../base.js';
import { SignIn } from '../api.gen.js';
import { FormBox, Hours, PasswordField, SelectField, Submit, TextField, useForm } from '../parts/basics.js';
import { Security } from '../parts/security.js';
import { arrive, go, parameter } from '../router.js';
import { awaitsSecondFactor, counter, homeOf, isOurAddress, welcome } from '../session.js';
import { t } from '../texts.js';

export default function SignInPage() {
  const form = useForm({ identityKind: 'DNI', identityNumber: '', password: '', proof: null });
  useEffect(() => arrive(t('sign-in.title')), []);
  const back = parameter('volver');
  const send = () => {
    const { identityKind, identityNumber, password, proof } = form.values.value;
    form.send(SignIn, { input: { identityKind, identityNumber, password, proof, session: 'COOKIE' } }, (payload) => {
      form.set('password', '');
      if (payload.awaitsSecondFactor) {
        awaitsSecondFactor.value = true;
        go(`/ingresar/codigo${back ? `?volver=${encodeURIComponent(back)}` : ''}`, { replace: true });
        return;
      }
      welcome(payload.user);
      go(isOurAddress(back) ? /** @type {string} */ (back) : homeOf(payload.user.role), { replace: true });
    });
  };
  const chosen = counter.value.identityKinds.find((each) => each.kind === form.values.value.identityKind);
  return html`<h1>${t('sign-in.title')}</h1>
    <p class="lead">${t('sign-in.lead')}</p>
    <div class="beside"><div>
    <${FormBox} form=${form} title=${t('sign-in.title')} onSubmit=${send}>
      <${SelectField} form=${form} name="identityKind" label=${t('identity.kind')} choices=${counter.value.identityKinds.map((each) => [each.kind, each.label])} />
      <${TextField} form=${form} name="identityNumber" label=${t('identity.number')} hint=${chosen?.helpText} class="short" autocomplete="username" autocapitalize="characters"
        inputmode=${form.values.value.identityKind === 'DNI' ? 'numeric' : undefined} spellcheck=${false} maxlength="20" />
      <${PasswordField} form=${form} name="password" label=${t('password')} autocomplete="current-password" maxlength="256" />
      <${Security} form=${form} />
      <div class="buttons"><${Submit} form=${form}>${t('sign-in.button')}</${Submit}><a href="/recuperar">${t('sign-in.forgotten')}</a></div>
      <p>${t('sign-in.new')}${' '}<a href="/registro">${t('sign-in.register')}</a></p>
    </${FormBox}></div>
    <${Hours} /></div>`;
}
