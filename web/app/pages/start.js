// The first page: what can be done here, and when.
// @ts-check
import { html, useEffect } from '../base.js';
import { Hours } from '../parts/basics.js';
import { arrive } from '../router.js';
import { counter, homeOf, person } from '../session.js';
import { t } from '../texts.js';

const DEEDS = ['/presentar', '/tramites', '/consulta', '/verificacion'];

export default function StartPage() {
  useEffect(() => arrive(t('start.title')), []);
  const home = person.value && homeOf(person.value.role);
  return html`<h1>${t('start.title')}</h1>
    <p class="lead">${t('start.lead', { name: counter.value.institution.name })}</p>
    ${home && html`<p><a class="button" href=${home}>${t('start.continue', { name: person.value.givenNames })}</a></p>`}
    <div class="beside">
      <ul class="deeds">${DEEDS.map((to) => html`<li key=${to}><a href=${to}>${t(`start.${to}`)}</a><p>${t(`start.${to}.what`)}</p></li>`)}</ul>
      <${Hours} />
    </div>
    <h2>${t('start.mail')}</h2><p>${t('start.mail.what')}${' '}<a href=${`mailto:${counter.value.institution.intakeAddress}`}>${counter.value.institution.intakeAddress}</a></p>`;
}
