// The heads of the log of receipts, one for each day: what anybody can hold the counter to.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { ask } from '../api.js';
import { LogHeads } from '../api.gen.js';
import { More, sentenceOf, Waiting } from '../parts/basics.js';
import { arrive } from '../router.js';
import { addTexts, dateTime, day, number, t } from '../texts.js';
import texts from '../../texts/es-PE.audit.js';
import { styled } from './style.js';

addTexts(texts);
await styled;

const FIRST = 20;

export default function HeadsPage() {
  const heads = useSignal(/** @type {any[] | null} */ (null));
  const pageInfo = useSignal(/** @type {any} */ (null));
  const trouble = useSignal('');
  const load = async (/** @type {string | null} */ after) => {
    try {
      const found = (await ask(LogHeads, { first: FIRST, after })).receiptLogHeads;
      heads.value = [...(heads.value ?? []), ...found.edges.map((edge) => edge.node)];
      pageInfo.value = found.pageInfo;
    } catch (error) { trouble.value = sentenceOf(error); }
  };
  useEffect(() => { arrive(t('heads.title')); load(null); }, []);
  return html`<h1>${t('heads.title')}</h1><p class="lead">${t('heads.lead')}</p>
    ${trouble.value && html`<div class="notice bad" role="alert"><p>${trouble.value}</p></div>`}
    ${heads.value ? html`<ul class="rows">${heads.value.map((each) => html`<li key=${each.day}><div><strong>${day(each.day)}</strong>
      <p>${t('heads.size', { count: each.size, size: number(each.size) })} · ${t(each.timeStamp ? 'heads.stamped' : 'heads.not-stamped')} · ${t('heads.made',
        { at: dateTime(each.madeAt) })}</p><p class="hint code">${each.root}</p></div></li>`)}</ul>
      ${heads.value.length === 0 && html`<p role="status">${t('heads.none')}</p>`}<${More} pageInfo=${pageInfo.value}
        onMore=${() => load(pageInfo.value.endCursor)} />` : !trouble.value && html`<${Waiting} />`}`;
}
