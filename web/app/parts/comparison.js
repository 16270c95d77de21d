// Files of this machine beside what a receipt certifies: the same, byte by byte, or not. Nothing is sent.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { codeIn, digestOf, LARGEST_FILE } from '../receipt-file.js';
import { t } from '../texts.js';

/** @typedef {{name: string, isSame: boolean, sentence: string, sha256?: string}} Judgement */

/** Whether there is a SHA-256 to be had: a page that did not come by HTTPS has no WebCrypto. */
const canCompare = Boolean(globalThis.crypto?.subtle);

/**
 * Compare files with what a receipt certifies.
 * @param {any} receipt @param {File[]} files @returns {Promise<Judgement[]>}
 */
export async function judged(receipt, files) {
  const results = [];
  for (const file of canCompare ? files : []) results.push(await judge(receipt, file));
  return results;
}

/** @param {any} receipt @param {File} file @returns {Promise<Judgement>} */
async function judge(receipt, file) {
  const { name } = file;
  if (file.size > LARGEST_FILE) return { name, isSame: false, sentence: t('compare.too-large') };
  try {
    const sha256 = await digestOf(file);
    const same = sameAs(receipt, sha256);
    if (same) return { name, isSame: true, sentence: same, sha256 };
    const isChanged = await codeIn(file) === receipt.verificationCode;
    return { name, isSame: false, sentence: t(isChanged ? 'compare.other.receipt' : 'compare.other'), sha256 };
  } catch { return { name, isSame: false, sentence: t('compare.unread') }; }
}

/** @param {any} receipt @param {string} sha256 */
function sameAs(receipt, sha256) {
  if (receipt.sha256 === sha256) return t('compare.receipt');
  const ordinals = receipt.files.filter((file) => file.sha256 === sha256).map((file) => file.ordinal);
  return ordinals.length ? t('compare.file', { ordinals: ordinals.join(', ') }) : null;
}

/** Where files are chosen or, anywhere on the page, dropped. The browser's own control speaks its own language: it is there, unseen. */
export function DropZone({ id, isOne = false, onChoose }) {
  const isOver = useSignal(false);
  const choose = useRef(onChoose);
  choose.current = onChoose;
  const take = (list) => { isOver.value = false; if (list?.length) choose.current([...list]); };
  useEffect(() => {
    const doings = {
      dragover: (event) => { event.preventDefault(); isOver.value = true; },
      dragleave: () => { isOver.value = false; },
      drop: (event) => { event.preventDefault(); take(event.dataTransfer?.files); },
    };
    for (const [name, doing] of Object.entries(doings)) addEventListener(name, doing);
    return () => { for (const [name, doing] of Object.entries(doings)) removeEventListener(name, doing); };
  }, []);
  return html`<div class=${`choose${isOver.value ? ' over' : ''}`}>
    <input type="file" id=${id} multiple=${!isOne} onClick=${(event) => { event.target.value = ''; }} onChange=${(event) => take(event.target.files)} />
    <label class="button" for=${id}>${t(isOne ? 'compare.choose.receipt' : 'compare.choose')}</label>
    <span class="hint">${t(isOne ? 'compare.drop.one' : 'compare.drop')}</span>
  </div>`;
}

/** @param {{receipt: any}} props */
export function Comparison({ receipt }) {
  const results = useSignal(/** @type {Judgement[]} */ ([]));
  const isBusy = useSignal(false);
  const compare = async (/** @type {File[]} */ files) => {
    isBusy.value = true;
    results.value = await judged(receipt, files);
    isBusy.value = false;
  };
  return html`<h2>${t('compare.title')}</h2><p>${t('compare.what')}</p>
    ${canCompare ? html`<${DropZone} id="compared" onChoose=${compare} />` : html`<p class="notice">${t('compare.insecure')}</p>`}
    <div role="status" class="judged">
      ${isBusy.value ? html`<p>${t('compare.busy')}</p>` : results.value.map((each) => html`<${Judged} key=${each.name} judgement=${each} />`)}</div>`;
}

/** @param {{judgement: Judgement}} props */
function Judged({ judgement: { name, isSame, sentence, sha256 } }) {
  return html`<div class=${`notice ${isSame ? 'good' : 'bad'}`}>
    <p><strong>${t(isSame ? 'compare.same' : 'compare.differs')}: ${name}</strong><br />${sentence}</p>
    ${sha256 && html`<p class="hint">${t('check.digest')}: <span class="digest">${sha256}</span></p>`}</div>`;
}
