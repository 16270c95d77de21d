// A document that came by mail: by the link of its receipt it becomes a trámite of one's account.
// @ts-check
import { html, useEffect } from '../base.js';
import { ClaimFiling } from '../api.gen.js';
import { FormBox, Submit, useForm } from '../parts/basics.js';
import { arrive, go } from '../router.js';
import { person } from '../session.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.tramites.js';

addTexts(texts);

/** @param {{token: string}} props */
export default function TramiteClaimPage({ token }) {
  const form = useForm({});
  useEffect(() => arrive(t('claimed.title')), []);
  const send = () => form.send(ClaimFiling, { input: { token, claims: true } }, ({ number }) => go(`/tramites/${number}?incorporado`, { replace: true }));
  return html`<h1>${t('claimed.title')}</h1>
    <p class="lead">${t('claimed.lead', { name: person.value.fullName })}</p>
    <p>${t('claimed.not-mine')}</p>
    <${FormBox} form=${form} title=${t('claimed.title')} onSubmit=${send}>
      <div class="buttons"><${Submit} form=${form}>${t('claimed.button')}</${Submit}></div>
    </${FormBox}>`;
}
