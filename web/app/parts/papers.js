// Receipts and files on their way to the person: receipts open in a new tab, files are saved.
// @ts-check
import { html, useSignal } from '../base.js';
import { act, Failed, newKey, problemsOf } from '../api.js';
import { LinkToFile, SendReceiptAgain } from '../api.gen.js';
import { fetched, save, saveFrom } from '../bytes.js';
import { dateTime, size, t } from '../texts.js';
import { sentenceOf } from './basics.js';

const KEPT_MS = 600_000;

/** Do something that a button asks for once at a time; `problem` says why it was not done. */
function useDeed(/** @type {() => Promise<void>} */ deed) {
  const isBusy = useSignal(false);
  const problem = useSignal('');
  const run = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    problem.value = '';
    try { await deed(); } catch (error) { problem.value = sentenceOf(error); } finally { isBusy.value = false; }
  };
  return { isBusy: isBusy.value, problem: problem.value, run };
}

/** At a desk the browser shows PDFs itself; a telephone hands a saved one to the program that does. */
const isShownHere = () => navigator.pdfViewerEnabled && matchMedia('(pointer: fine)').matches;

/** Open a PDF in a new tab, or save it under its name. @param {string} url */
export async function openReceipt(url) {
  // Now, while the click still counts: a tab that is opened later is held back.
  const tab = isShownHere() ? window.open('', '_blank') : null;
  try {
    const file = await fetched(url);
    if (tab && !tab.closed) show(file, tab);
    else save(file);
  } catch (error) {
    tab?.close();
    throw error;
  }
}

/** @param {File} file @param {Window} tab */
function show(file, tab) {
  const address = URL.createObjectURL(file);
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
  tab.location.replace(address);
}

async function saveFile(file) {
  const payload = /** @type {any} */ (await act(LinkToFile, { input: { id: file.id } }));
  const [problem] = problemsOf(payload);
  if (problem) throw new Failed(problem.message, problem.code);
  const { pathname, search } = new URL(payload.url, location.origin);
  saveFrom(pathname + search, file.name);
}

export const receiptName = ({ kind, version }) => t(kind === 'SUBMISSION' && version > 1 ? 'receipt.correction' : `receipt.${kind}`);

export function ReceiptButton({ receipt, children, isPrimary = false }) {
  const { isBusy, problem, run } = useDeed(() => openReceipt(receipt.url));
  const className = isPrimary ? 'primary' : '';
  return html`<button type="button" class=${className} aria-disabled=${isBusy} onClick=${run}>${isBusy ? t('receipt.opening') : children}</button>
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}`;
}

function SendAgain({ receipt }) {
  const sentTo = useSignal('');
  const key = useSignal(newKey());
  const { isBusy, problem, run } = useDeed(async () => {
    const payload = /** @type {any} */ (await act(SendReceiptAgain, { input: { receiptId: receipt.id, clientKey: key.value } }));
    const [refused] = problemsOf(payload);
    if (refused) throw new Failed(refused.message, refused.code);
    sentTo.value = payload.notice.maskedAddress;
    key.value = newKey();
  });
  const words = isBusy ? t('receipt.again.busy') : t('receipt.again');
  return html`<button type="button" class="link" aria-disabled=${isBusy} onClick=${run}>${words}<span class="unseen">: ${receiptName(receipt)}</span></button>
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
    <span role="status" class="hint">${sentTo.value && t('receipt.again.done', { address: sentTo.value })}</span>`;
}

/** @param {{receipts: any[], maySend: boolean}} props */
export function Receipts({ receipts, maySend }) {
  return html`<ul class="rows">${receipts.map((each) => html`<li key=${each.id}>
    <div><strong>${receiptName(each)}</strong><p class="hint">${t('receipt.issued', { at: dateTime(each.issuedAt), code: each.verificationCode })}</p></div>
    ${each.erasedAt ? html`<p class="hint">${t('paper.gone')}</p>` : html`<div class="row-deeds">
      <${ReceiptButton} receipt=${each}>${t('receipt.open')}<span class="unseen"> ${receiptName(each)}</span></${ReceiptButton}>
      ${maySend && html`<${SendAgain} receipt=${each} />`}</div>`}
  </li>`)}</ul>`;
}

const placeOf = ({ role, position, version }) =>
  t(`file.${role}`, { position }) + (role !== 'ANSWER' && version > 1 ? ` (${t('file.corrected')})` : '');

function OneFile({ file }) {
  const { isBusy, problem, run } = useDeed(() => saveFile(file));
  const facts = [placeOf(file), size(file.sizeBytes), file.pages && t('file.pages', { count: file.pages })].filter(Boolean).join(' · ');
  return html`<div><strong>${file.name}</strong><p class="hint">${facts}</p>${problem && html`<p class="problem" role="alert">${problem}</p>`}</div>
    ${file.erasedAt ? html`<p class="hint">${t('paper.gone')}</p>`
    : html`<button type="button" aria-disabled=${isBusy} onClick=${run}>${t('file.open')}<span class="unseen"> ${file.name}</span></button>`}`;
}

/** A file's own button, where it is told elsewhere what file it is. */
export function SaveFile({ file }) {
  const { isBusy, problem, run } = useDeed(() => saveFile(file));
  return html`<button type="button" aria-disabled=${isBusy} onClick=${run}>${t('file.open')}<span class="unseen"> ${file.name}</span></button>
    ${problem && html`<span class="problem" role="alert">${problem}</span>`}`;
}

/** @param {{files: any[]}} props */
export const Files = ({ files }) => html`<ul class="rows">${files.map((file) => html`<li key=${file.id}><${OneFile} file=${file} /></li>`)}</ul>`;
