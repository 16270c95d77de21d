// The status of a trámite for whoever has its number and its lookup key; no account is needed.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { PublicStatus } from '../api.gen.js';
import { Facts, FormBox, Status, Submit, TextField, useForm } from '../parts/basics.js';
import { arrive } from '../router.js';
import { person } from '../session.js';
import { addTexts, day, t } from '../texts.js';
import texts from '../../texts/es-PE.checks.js';

addTexts(texts);

const CODE = { autocomplete: 'off', autocapitalize: 'characters', spellcheck: false, maxlength: '40' };

export default function StatusPage() {
  const form = useForm({ number: '', lookupKey: '' });
  const found = useSignal(/** @type {any} */ (null));
  useEffect(() => arrive(t('status.title')), []);
  const send = () => {
    found.value = null;
    const { number, lookupKey } = form.values.value;
    form.send(PublicStatus, { number, lookupKey }, (status) => {
      if (status) found.value = status;
      else form.problems.value = [{ field: 'number', message: t('status.none') }];
    });
  };
  return html`<h1>${t('status.title')}</h1><p class="lead">${t('status.lead')}</p>
    <${FormBox} form=${form} title=${t('status.title')} onSubmit=${send}>
      <${TextField} form=${form} name="number" label=${t('status.number')} hint=${t('status.number.hint')} ...${CODE} />
      <${TextField} form=${form} name="lookupKey" label=${t('status.key')} hint=${t('status.key.hint')} ...${CODE} />
      <div class="buttons"><${Submit} form=${form}>${t('status.button')}</${Submit}></div>
    </${FormBox}>
    ${found.value && html`<${Found} found=${found.value} key=${found.value.number} />`}`;
}

function Found({ found }) {
  const title = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => title.current?.focus(), []);
  return html`<section aria-labelledby="found-title"><h2 id="found-title" tabindex="-1" ref=${title}>${t('status.found', { number: found.number })}</h2>
    <${Facts} rows=${[
      [t('status.now'), html`<${Status} status=${found.status} />`],
      [t('status.means'), t(`status.means.${found.status}`)],
      [t('status.filed'), day(found.filedOn)],
      [t('status.office'), found.officeName],
    ]} />
    ${!person.value && html`<p>${t('status.own')}${' '}<a href=${`/ingresar?volver=/tramites/${found.number}`}>${t('status.own.sign-in')}</a></p>`}
  </section>`;
}
