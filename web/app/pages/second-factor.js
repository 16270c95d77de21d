// Second step of staff: the code of the telephone; who has none yet, sets it up.
// @ts-check
import { html, useEffect, useState } from '../base.js';
import { Enrolment } from '../parts/enrolment.js';
import { CodeForm } from './sign-in.js';
import { arrive, go, parameter } from '../router.js';
import { awaitsSecondFactor, homeOf, isOurAddress, leave, mustEnrol, person } from '../session.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.account.js';

addTexts(texts);

export default function SecondFactorPage() {
  const back = parameter('volver');
  const goOn = () => go(isOurAddress(back) ? /** @type {string} */ (back) : person.value ? homeOf(person.value.role) : '/ingresar', { replace: true });
  // Decided once: when the second factor is in force, its recovery codes are still to be read.
  const [step] = useState(awaitsSecondFactor.value ? 'code' : mustEnrol.value ? 'enrol' : '');
  const title = t(step === 'enrol' ? 'enrol.title' : 'code.title');
  useEffect(() => (step ? arrive(title) : goOn()), []);
  if (!step) return null;
  if (step === 'enrol') return html`<h1>${title}</h1><p class="lead">${t('enrol.why')}</p><${Enrolment} title=${title} onDone=${goOn} />`;
  return html`<h1>${title}</h1><p class="lead">${t('code.lead')}</p>
    <${CodeForm} title=${title} onDone=${goOn} />
    <details><summary>${t('code.lost')}</summary><p>${t('code.lost.codes')}</p><p>${t('code.lost.all')}</p></details>
    <p><button type="button" class="link" onClick=${leave}>${t('code.other')}</button></p>`;
}
