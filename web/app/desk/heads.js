// The heads of the log of receipts, one for each day: what anybody can hold the counter to.
// @ts-check
import { html, useEffect } from '../base.js';
import { LogHeads } from '../api.gen.js';
import { arrive } from '../router.js';
import { addTexts, dateTime, day, number, t } from '../texts.js';
import texts from '../../texts/es-PE.audit.js';
import { Pages, usePages } from './pages.js';
import './style.js';

addTexts(texts);

export default function HeadsPage() {
  const pages = usePages(LogHeads, 'receiptLogHeads', {});
  useEffect(() => arrive(t('heads.title')), []);
  return html`<h1>${t('heads.title')}</h1><p class="lead">${t('heads.lead')}</p>
    <${Pages} pages=${pages} none=${t('heads.none')}>${(heads) => html`<ul class="rows">
      ${heads.map((each) => html`<${Head} key=${`${each.log} ${each.day}`} head=${each} />`)}</ul>`}</${Pages}>`;
}

function Head({ head }) {
  const { size, timeStamp, madeAt } = head;
  const facts = [
    t('heads.size', { count: size, size: number(size) }),
    t(timeStamp ? 'heads.stamped' : 'heads.not-stamped'),
    t('heads.made', { at: dateTime(madeAt) }),
  ];
  return html`<li><div>
    <strong>${day(head.day)}</strong>
    <p>${facts.join(' · ')}</p>
    <p class="hint code">${head.root}</p>
  </div></li>`;
}
