// The privacy policy in force, to be read before there is anything to accept.
// @ts-check
import { html, useEffect } from '../base.js';
import { PolicyInForce } from '../api.gen.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.public.js';

addTexts(texts);

/** «Qué datos. Los que usted escribe…»: a paragraph that begins with a few words and a full stop is headed by them. */
const HEADED = /^([^.:;,]{3,60})\.\s+(?=\S)/;

/** @param {string} text */
const paragraphsOf = (text) => text.split(/\n\s*\n/).map((each) => each.trim()).filter(Boolean);

export default function PrivacyPage() {
  const loaded = useLoaded(PolicyInForce, {});
  useEffect(() => arrive(t('menu./privacidad')), []);
  return html`<h1>${t('menu./privacidad')}</h1>
    <${Loaded} loaded=${loaded}>${({ privacyPolicy: { text, version } }) => html`
      <p class="lead">${t('privacy.version', { version })}</p>
      <div class="reading">${paragraphsOf(text).map((each, at) => html`<${Paragraph} text=${each} key=${at} />`)}</div>
      <p class="hint">${t('privacy.own')}${' '}<a href="/cuenta">${t('menu./cuenta')}</a></p>`}</${Loaded}>`;
}

function Paragraph({ text }) {
  const [whole, head] = text.match(HEADED) ?? ['', ''];
  return head ? html`<h2>${head}</h2><p class="quoted">${text.slice(whole.length)}</p>` : html`<p class="quoted">${text}</p>`;
}
