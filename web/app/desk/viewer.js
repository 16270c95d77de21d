// A file seen without being opened: pages as pictures that the counter made, text, or what an archive holds.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { ask } from '../api.js';
import { FileView } from '../api.gen.js';
import { sentenceOf, Waiting } from '../parts/basics.js';
import { SaveFile } from '../parts/papers.js';
import { size, t } from '../texts.js';
import { useKeys } from './keys.js';

/** Addresses of pictures are good for minutes: they are asked for page by page, and the next one beforehand. */
const AT_ONCE = 2;

/** @param {{files: any[], isActive: boolean}} props */
export function Viewer({ files, isActive }) {
  const chosen = useSignal(0);
  const file = files[Math.min(chosen.value, files.length - 1)];
  if (!file) return html`<p>${t('viewer.no-file')}</p>`;
  return html`<section class="viewer" aria-label=${t('viewer.title')}>
    ${files.length > 1 && html`<fieldset class="chips"><legend class="unseen">${t('viewer.files')}</legend>${files.map((each, at) => html`<label class="chip" key=${each.id}>
      <input type="radio" name="file" checked=${at === chosen.value} onChange=${() => { chosen.value = at; }} /><span>${t(`file.${each.role}`, { position: each.position })}</span></label>`)}</fieldset>`}
    <${Warnings} file=${file} />
    ${file.erasedAt ? html`<p>${t('paper.gone')}</p>` : html`<${Sheet} key=${file.id} file=${file} isActive=${isActive} />`}
  </section>`;
}

/** What the sieve found of a file. */
const Warnings = ({ file }) => file.findings.length > 0 && html`<div class=${`notice ${file.malwareName ? 'bad' : ''}`}><ul class="plain">
  ${file.findings.map((each) => html`<li key=${each.code}>${each.message}</li>`)}</ul></div>`;

function Sheet({ file, isActive }) {
  const page = useSignal(1);
  const seen = useSignal(/** @type {any} */ (null));
  const trouble = useSignal('');
  const show = async (/** @type {AbortSignal} */ turned) => {
    try {
      seen.value = (await ask(FileView, { id: file.id, first: AT_ONCE, after: page.value - 1 }, turned)).fileView;
      trouble.value = '';
    } catch (error) { if (!turned.aborted) trouble.value = sentenceOf(error); }
  };
  useEffect(() => {
    const turning = new AbortController();
    show(turning.signal);
    return () => turning.abort();
  }, [page.value]);
  const content = seen.value?.content;
  const count = content?.count ?? file.pages ?? 1;
  const turn = (/** @type {number} */ by) => { page.value = Math.min(count, Math.max(1, page.value + by)); };
  useKeys({ h: () => turn(-1), l: () => turn(1) }, isActive && content?.__typename === 'PagesContent');
  return html`<div class="bar">
      ${content?.__typename === 'PagesContent' && html`<button type="button" aria-disabled=${page.value <= 1} onClick=${() => turn(-1)} aria-label=${t('viewer.before')}>‹</button>
        <span role="status">${t('viewer.page', { page: page.value, count })}</span>
        <button type="button" aria-disabled=${page.value >= count} onClick=${() => turn(1)} aria-label=${t('viewer.after')}>›</button>`}
      <span class="name">${file.name} · ${size(file.sizeBytes)}</span><${SaveFile} file=${file} />
    </div>
    <div class="sheet" tabindex="0" role="region" aria-label=${t('viewer.of', { name: file.name })}>
      ${trouble.value ? html`<p role="alert">${trouble.value}</p>` : content ? html`<${Content} content=${content} page=${page.value} name=${file.name} />` : html`<${Waiting} />`}
    </div>`;
}

function Content({ content, page, name }) {
  switch (content.__typename) {
    case 'PagesContent': {
      const [shown, next] = [page, page + 1].map((wanted) => content.pages.find((each) => each.page === wanted));
      return html`${shown ? html`<img src=${address(shown.url)} srcset=${`${address(shown.url)} 1x, ${address(shown.largeUrl)} 2x`} alt=${t('viewer.picture', { page, name })} />` : html`<${Waiting} />`}
        ${next && html`<img class="unseen" src=${address(next.url)} alt="" />`}`;
    }
    case 'OfficeContent':
      return html`<pre>${content.text}</pre>${content.isCut && html`<p class="hint">${t('viewer.cut')}</p>`}`;
    case 'ArchiveContent':
      return html`<p>${t('viewer.archive', { count: content.count })}</p><ul>${content.members.map((each) => html`<li key=${each.name}>${each.name}${!each.isFolder && ` · ${size(each.sizeBytes)}`}${each.isEncrypted && ` · ${t('viewer.locked')}`}</li>`)}</ul>`;
    default:
      return html`<p>${content.message}</p>`;
  }
}

/** The same address, at the origin that the page came from. @param {string} url */
function address(url) {
  const { pathname, search } = new URL(url, location.origin);
  return pathname + search;
}
