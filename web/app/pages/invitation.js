// An invitation to the staff: a second factor first, then the code that was mailed.
// @ts-check
import { html, useEffect, useState } from '../base.js';
import { AcceptInvitation } from '../api.gen.js';
import { FormBox, Submit, TextField, useForm } from '../parts/basics.js';
import { Enrolment } from '../parts/enrolment.js';
import { arrive, go } from '../router.js';
import { homeOf, person, welcome } from '../session.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.account.js';

addTexts(texts);

export default function InvitationPage() {
  const [step, goOn] = useState(person.value.secondFactor.isEnrolled ? 2 : 1);
  useEffect(() => arrive(t('invitation.title')), [step]);
  return html`<h1>${t('invitation.title')}</h1>
    <ol class="steps" aria-label=${t('register.steps')}>${[1, 2].map((each) => html`<li key=${each} class=${each < step ? 'done' : each === step ? 'here' : ''}
      aria-current=${each === step ? 'step' : undefined}>${t(`invitation.step.${each}`)}</li>`)}</ol>
    ${step === 1 ? html`<p class="lead">${t('invitation.factor')}</p><${Enrolment} title=${t('invitation.title')}
      onDone=${() => goOn(2)} />` : html`<${Code} />`}`;
}

function Code() {
  const form = useForm({ code: '' });
  const send = () => form.send(AcceptInvitation, { input: { code: form.values.value.code } }, (payload) => {
    welcome(payload.user);
    go(homeOf(payload.user.role), { replace: true });
  });
  return html`<p class="lead">${t('invitation.lead')}</p>
    <${FormBox} form=${form} title=${t('invitation.title')} onSubmit=${send}>
      <${TextField} form=${form} name="code" label=${t('invitation.code')} hint=${t('invitation.code.hint')} autocomplete="off" autocapitalize="off"
        spellcheck=${false} maxlength="80" />
      <div class="buttons"><${Submit} form=${form}>${t('invitation.button')}</${Submit}></div>
    </${FormBox}>`;
}
