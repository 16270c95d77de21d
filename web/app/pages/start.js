// The first page: what can be done here, and when.
// @ts-check
import { html, useEffect } from '../base.js';
import { Hours } from '../parts/basics.js';
import { arrive } from '../router.js';
import { counter, homeOf, person } from '../session.js';
import { either, t } from '../texts.js';

const STEPS = ['write', 'send', 'receipt', 'review', 'notice'];
const DEEDS = ['/presentar', '/tramites', '/consulta', '/verificacion'];

export default function StartPage() {
  useEffect(() => arrive(t('start.title')), []);
  const home = person.value && homeOf(person.value.role);
  const { intakeAddress } = counter.value.institution;
  return html`<h1>${t('start.title')}</h1>
    <p class="lead">${t('start.lead', { name: counter.value.institution.name })}</p>
    ${home && html`<p><a class="button" href=${home}>${t('start.continue', { name: person.value.givenNames })}</a></p>`}
    <div class="beside">
      <ul class="deeds">${DEEDS.map((to) => html`<li key=${to}><a href=${to}>${t(`start.${to}`)}</a><p>${t(`start.${to}.what`)}</p></li>`)}</ul>
      <${Hours} />
    </div>
    ${!person.value && html`<section aria-labelledby="first"><h2 id="first">${t('start.first')}</h2>
      <p>${t('start.first.what', { kinds: either(counter.value.identityKinds.map((each) => each.kind)) })}</p>
      <p><a class="button" href="/registro">${t('start.first.link')}</a></p></section>`}
    <h2>${t('start.steps')}</h2>
    <ol class="instructions">${STEPS.map((each) => html`<li key=${each}>${t(`start.steps.${each}`)}</li>`)}</ol>
    <h2>${t('start.mail')}</h2><p>${t('start.mail.what')}${' '}<a href=${`mailto:${intakeAddress}`}>${intakeAddress}</a></p>`;
}
