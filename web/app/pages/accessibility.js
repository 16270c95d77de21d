// The accessibility statement: what holds, how it was tested, what is not known, and what to do when something stands in the way.
// @ts-check
import { html, useEffect } from '../base.js';
import { KEYS } from '../desk/keys.js';
import { arrive } from '../router.js';
import { counter } from '../session.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.public.js';
import desk from '../../texts/es-PE.desk.js';

addTexts(texts);
addTexts(desk);

const LISTS = {
  holds: ['keyboard', 'screen-reader', 'zoom', 'looks', 'motion', 'time', 'check', 'receipts'],
  tested: ['axe', 'sizes', 'keyboard', 'people'],
  unknown: ['screen-readers', 'browsers', 'scripts', 'files', 'pages', 'quechua'],
  otherwise: ['mail', 'status', 'desk'],
};

export default function AccessibilityPage() {
  const { name, intakeAddress } = counter.value.institution;
  const report = `mailto:${intakeAddress}?subject=${encodeURIComponent(t('access.report.subject'))}`;
  useEffect(() => arrive(t('access.title')), []);
  return html`<div class="reading"><h1>${t('access.title')}</h1>
    <p class="lead">${t('access.lead', { name })}</p>
    <p>${t('access.standard')}</p>
    <${Listed} name="holds" />
    <${Listed} name="tested" />
    <${Listed} name="unknown" />
    <h2>${t('access.report')}</h2><p>${t('access.report.how')}${' '}<a href=${report}>${intakeAddress}</a></p>
    <p>${t('access.report.what')}</p><p>${t('access.report.then')}</p>
    <${Listed} name="otherwise" />
    <h2>${t('access.keys')}</h2><p>${t('access.keys.everybody')}</p><p>${t('access.keys.desk')}</p>
    <table class="keyed"><caption class="unseen">${t('access.keys')}</caption>
      <thead><tr><th scope="col">${t('access.key')}</th><th scope="col">${t('access.deed')}</th></tr></thead>
      <tbody>${KEYS.map(([key, what]) => html`<tr key=${key}><th scope="row"><kbd>${key}</kbd></th><td>${t(`keys.${what}`)}</td></tr>`)}</tbody></table>
    <p class="hint">${t('access.date')}</p></div>`;
}

const ToStatus = () => html`${' '}<a href="/estado">${t('access.otherwise.link')}</a>`;

function Listed({ name }) {
  return html`<h2>${t(`access.${name}`)}</h2>
    <ul>${LISTS[name].map((each) => html`<li key=${each}>${t(`access.${name}.${each}`)}${each === 'status' && html`<${ToStatus} />`}</li>`)}</ul>`;
}
