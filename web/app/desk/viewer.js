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
  const at = Math.min(chosen.value, files.length - 1);
  const file = files[at];
  const pass = (/** @type {number} */ by) => { chosen.value = Math.min(files.length - 1, Math.max(0, at + by)); };
  if (!file) return html`<p>${t('viewer.no-file')}</p>`;
  return html`<section class="viewer" aria-label=${t('viewer.title')}>
    ${files.length > 1 && html`<fieldset class="chips"><legend class="unseen">${t('viewer.files')}</legend>
      ${files.map((each, place) => html`<label class="chip" key=${each.id}>
        <input type="radio" name="file" checked=${place === at} onChange=${() => { chosen.value = place; }} />
        <span>${t(`file.${each.role}`, { position: each.position })}</span></label>`)}</fieldset>`}
    <${Warnings} file=${file} />
    ${file.erasedAt ? html`<p>${t('paper.gone')}</p>` : html`<${Sheet} key=${file.id} file=${file} isActive=${isActive} onPass=${pass} />`}
  </section>`;
}

/** What the sieve found of a file. */
const Warnings = ({ file }) => file.findings.length > 0 && html`<div class=${`notice ${file.malwareName ? 'bad' : ''}`}>
  <ul class="plain">${file.findings.map((each) => html`<li key=${each.code}>${each.message}</li>`)}</ul></div>`;

function Sheet({ file, isActive, onPass }) {
  const page = useSignal(1);
  const { content, trouble } = useContent(file, page.value);
  const hasPages = content?.__typename === 'PagesContent';
  const count = content?.count ?? file.pages ?? 1;
  const turn = (/** @type {number} */ by) => { page.value = Math.min(count, Math.max(1, page.value + by)); };
  // Beyond the last page, by the same key, is the next file.
  const leaf = (/** @type {number} */ by) => {
    const last = hasPages || !content ? count : 1;
    if (page.value + by < 1 || page.value + by > last) onPass(by); else turn(by);
  };
  useKeys({ h: () => leaf(-1), l: () => leaf(1) }, isActive);
  return html`<div class="bar">
      ${hasPages && html`<${Pager} page=${page.value} count=${count} onTurn=${turn} />`}
      <span class="name">${file.name} · ${size(file.sizeBytes)}</span><${SaveFile} file=${file} />
    </div>
    <div class="sheet" tabindex="0" role="region" aria-label=${t('viewer.of', { name: file.name })}>
      ${trouble ? html`<p role="alert">${trouble}</p>` : html`<${Content} content=${content} page=${page.value} name=${file.name} />`}
    </div>`;
}

/** What is seen of a file from a page on. @param {any} file @param {number} page */
function useContent(file, page) {
  const seen = useSignal(/** @type {any} */ (null));
  const trouble = useSignal('');
  const load = async (/** @type {AbortSignal} */ turned) => {
    try {
      seen.value = (await ask(FileView, { id: file.id, first: AT_ONCE, after: page - 1 }, turned)).fileView;
      trouble.value = '';
    } catch (error) { if (!turned.aborted) trouble.value = sentenceOf(error); }
  };
  useEffect(() => {
    const turning = new AbortController();
    load(turning.signal);
    return () => turning.abort();
  }, [page]);
  return { content: seen.value?.content, trouble: trouble.value };
}

function Pager({ page, count, onTurn }) {
  return html`<button type="button" aria-disabled=${page <= 1} onClick=${() => onTurn(-1)} aria-label=${t('viewer.before')}>‹</button>
    <span role="status">${t('viewer.page', { page, count })}</span>
    <button type="button" aria-disabled=${page >= count} onClick=${() => onTurn(1)} aria-label=${t('viewer.after')}>›</button>`;
}

function Content({ content, page, name }) {
  switch (content?.__typename) {
    case undefined:
      return html`<${Waiting} />`;
    case 'PagesContent':
      return html`<${Picture} pages=${content.pages} page=${page} name=${name} />`;
    case 'OfficeContent':
      return html`<pre>${content.text}</pre>${content.isCut && html`<p class="hint">${t('viewer.cut')}</p>`}`;
    case 'ArchiveContent':
      return html`<p>${t('viewer.archive', { count: content.count })}</p>
        <ul>${content.members.map((each) => html`<li key=${each.name}>${memberOf(each)}</li>`)}</ul>`;
    default:
      return html`<p>${content.message}</p>`;
  }
}

/** The page that is looked at, and the next one beforehand, unseen. */
function Picture({ pages, page, name }) {
  const [shown, next] = [page, page + 1].map((wanted) => pages.find((each) => each.page === wanted));
  return html`${shown ? html`<img src=${address(shown.url)} srcset=${`${address(shown.url)} 1x, ${address(shown.largeUrl)} 2x`}
      alt=${t('viewer.picture', { page, name })} />` : html`<${Waiting} />`}
    ${next && html`<img class="unseen" src=${address(next.url)} alt="" />`}`;
}

/** A file in an archive, in words. @param {any} member */
function memberOf({ name, isFolder, sizeBytes, isEncrypted }) {
  return [name, !isFolder && size(sizeBytes), isEncrypted && t('viewer.locked')].filter(Boolean).join(' · ');
}

/** The same address, at the origin that the page came from. @param {string} url */
function address(url) {
  const { pathname, search } = new URL(url, location.origin);
  return pathname + search;
}
