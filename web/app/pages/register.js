// Registration in two steps, as the manual has it: personal data, then contact and password.
// @ts-check
import { html, useEffect, useRef } from '../base.js';
import { CheckPersonalData, Register, Registration } from '../api.gen.js';
import { FormBox, IdentityFields, PasswordField, Submit, TextField, useForm } from '../parts/basics.js';
import { BirthDateField, NameFields, noPersonalData, personalDataOf } from '../parts/identity.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { Security } from '../parts/security.js';
import { arrive, go, parameter } from '../router.js';
import { carried } from '../session.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.account.js';

addTexts(texts);

const CONTACT = '/registro?paso=contacto';

export default function RegisterPage() {
  const loaded = useLoaded(Registration, {});
  const person = useForm(noPersonalData());
  const account = useForm({ email: '', mobile: '', password: '', proof: null });
  const back = useRef(parameter('volver'));
  // The second step has its own place in the history: «back» leads to the first, with everything typed.
  const isSecond = parameter('paso') === 'contacto' && Boolean(person.values.value.checked);
  const step = isSecond ? 2 : 1;
  useEffect(() => arrive(t(`register.title.${step}`)), [step]);
  return html`<h1>${t(`register.title.${step}`)}</h1>
    <ol class="steps" aria-label=${t('register.steps')}>${[1, 2].map((each) => html`<li key=${each} class=${each < step ? 'done' : each === step ? 'here' : ''}
      aria-current=${each === step ? 'step' : undefined}>${t(`register.step.${each}`)}</li>`)}</ol>
    <${Loaded} loaded=${loaded}>${({ registrationForm }) => (isSecond
      ? html`<${Contact} form=${account} person=${person} back=${back.current} rule=${registrationForm} key="2" />`
      : html`<${Personal} form=${person} key="1" />`)}</${Loaded}>`;
}

function Personal({ form }) {
  const send = () => form.send(CheckPersonalData, { input: personalDataOf(form.values.value) }, () => {
    form.set('checked', true);
    go(CONTACT);
  });
  return html`<p class="lead">${t('register.lead')}</p>
    <${FormBox} form=${form} title=${t('register.title.1')} onSubmit=${send}>
      <${IdentityFields} form=${form} />
      <${NameFields} form=${form} />
      <${BirthDateField} form=${form} />
      <p class="hint">${t('register.kept')}${' '}<a href="/privacidad" target="_blank">${t('register.kept.policy')}</a></p>
      <div class="buttons"><${Submit} form=${form}>${t('register.continue')}</${Submit}></div>
      <p>${t('register.has')}${' '}<a href="/ingresar">${t('register.sign-in')}</a></p>
      <p>${t('register.taken')}${' '}<a href="/suplantacion">${t('register.claim')}</a></p>
    </${FormBox}>`;
}

const PERSONAL = ['identityKind', 'identityNumber', 'givenNames', 'firstSurname', 'secondSurname', 'birthDate'];

function Contact({ form, person, back, rule }) {
  const send = () => {
    const { email, mobile, password, proof } = form.values.value;
    const personal = personalDataOf(person.values.value);
    form.send(Register, { input: { ...personal, email, mobile, password, proof } }, () => {
      carried.value = { identityKind: personal.identityKind, identityNumber: personal.identityNumber, email, back };
      go('/registro/codigo?nueva', { replace: true });
    });
  };
  const isPersonal = form.problems.value.some((each) => PERSONAL.includes(each.field));
  return html`<p class="lead">${rule.contactNotice}</p>
    <${FormBox} form=${form} title=${t('register.title.2')} onSubmit=${send}>
      ${isPersonal && html`<p><a href="/registro">${t('register.back')}</a></p>`}
      <${TextField} form=${form} name="email" label=${t('email')} hint=${t('email.hint', { digits: rule.codeDigits })} type="email"
        autocomplete="email" spellcheck=${false} maxlength="254" />
      <${TextField} form=${form} name="mobile" label=${t('mobile')} hint=${t('mobile.hint')} class="short" type="tel" autocomplete="tel" maxlength="20" />
      <${PasswordField} form=${form} name="password" label=${t('password')} hint=${rule.passwordPolicy.helpText} autocomplete="new-password"
        maxlength=${rule.passwordPolicy.maxLength} />
      <${Security} form=${form} />
      <div class="buttons"><${Submit} form=${form}>${t('register.button')}</${Submit}><a href="/registro">${t('register.back')}</a></div>
    </${FormBox}>`;
}
