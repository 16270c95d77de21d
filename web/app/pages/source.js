// The source code of what runs here, which the licence (AGPL-3.0, section 13) promises to everybody who uses it.
// @ts-check
import { html, useEffect } from '../base.js';
import { Source } from '../api.gen.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.public.js';

addTexts(texts);

const HERE = '/codigo/fuente.tar.gz';

export default function SourcePage() {
  const loaded = useLoaded(Source, {});
  useEffect(() => arrive(t('menu./codigo')), []);
  return html`<div class="reading"><h1>${t('menu./codigo')}</h1><p class="lead">${t('source.lead')}</p>
    <${Loaded} loaded=${loaded}>${({ institution }) => html`<${Where} url=${institution.sourceUrl} />`}</${Loaded}>
    <h2>${t('source.licence')}</h2><p>${t('source.licence.what')}</p>
    <ul>${['use', 'study', 'change', 'share'].map((may) => html`<li key=${may}>${t(`source.may.${may}`)}</li>`)}</ul>
    <p>${t('source.duty')}</p>
    <h2>${t('source.others')}</h2><p>${t('source.others.what')}</p>
    <h2>${t('source.programs')}</h2><p>${t('source.programs.what')}${' '}<a href="/api">${t('source.reference')}</a></p></div>`;
}

/** What this counter gives itself is downloaded from here, by whatever name one has reached it. */
function Where({ url }) {
  return url.endsWith(HERE)
    ? html`<p><a class="button primary" href=${HERE} download>${t('source.download')}</a></p><p class="hint">${t('source.download.what')}</p>`
    : html`<p>${t('source.elsewhere')}${' '}<a href=${url}>${url}</a></p>`;
}
