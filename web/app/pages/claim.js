// Somebody else has registered with one's identity document: a claim, which the staff decide.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { ClaimIdentity } from '../api.gen.js';
import { FormBox, IdentityFields, Submit, TextField, useForm } from '../parts/basics.js';
import { useHeading } from '../parts/enrolment.js';
import { identityOf, NameFields, namesOf, noPersonalData } from '../parts/identity.js';
import { Security } from '../parts/security.js';
import { arrive } from '../router.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.account.js';

addTexts(texts);

const LONGEST = 1000;

export default function ClaimPage() {
  const form = useForm({ ...noPersonalData(), email: '', mobile: '', statement: '', proof: null });
  const isDone = useSignal(false);
  useEffect(() => arrive(t('claim.title')), []);
  const send = () => {
    const { email, mobile, statement, proof, ...rest } = form.values.value;
    const input = { ...identityOf(rest), ...namesOf(/** @type {any} */ (rest)), email, mobile, statement, proof };
    form.send(ClaimIdentity, { input }, () => { isDone.value = true; });
  };
  if (isDone.value) return html`<h1>${t('claim.title')}</h1><${Done} email=${form.values.value.email} />`;
  return html`<h1>${t('claim.title')}</h1>
    <p class="lead">${t('claim.lead')}</p>
    <${FormBox} form=${form} title=${t('claim.title')} onSubmit=${send}>
      <${IdentityFields} form=${form} />
      <${NameFields} form=${form} />
      <${TextField} form=${form} name="email" label=${t('email')} hint=${t('claim.email.hint')} type="email" autocomplete="email" spellcheck=${false}
        maxlength="254" />
      <${TextField} form=${form} name="mobile" label=${t('mobile')} hint=${t('mobile.hint')} class="short" type="tel" autocomplete="tel" maxlength="20" />
      <${TextField} form=${form} name="statement" label=${t('claim.statement')} hint=${t('claim.statement.hint', { most: LONGEST })} rows="6"
        maxlength=${LONGEST} />
      <${Security} form=${form} />
      <div class="buttons"><${Submit} form=${form}>${t('claim.button')}</${Submit}></div>
    </${FormBox}>`;
}

function Done({ email }) {
  const heading = useHeading();
  return html`<div class="notice good"><h2 ref=${heading} tabindex="-1">${t('claim.done')}</h2>
      <p>${t('claim.done.mail')}${' '}<strong class="code">${email}</strong></p></div>
    <h2>${t('by-data.next')}</h2>
    <ol class="instructions">${[1, 2, 3].map((each) => html`<li key=${each}>${t(`claim.next.${each}`)}</li>`)}</ol>
    <p><a href="/">${t('not-here.start')}</a></p>`;
}
