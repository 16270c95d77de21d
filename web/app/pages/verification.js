// Whether a receipt is genuine: by its code, or by its PDF, which is read on this machine and goes nowhere.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { ReceiptCheck } from '../api.gen.js';
import { Comparison, DropZone, judged } from '../parts/comparison.js';
import { Facts, FormBox, Submit, TextField, useForm } from '../parts/basics.js';
import { codeIn } from '../receipt-file.js';
import { address, arrive, go, parameter } from '../router.js';
import { addTexts, dateTime, day, number, size, t } from '../texts.js';
import texts from '../../texts/es-PE.checks.js';

addTexts(texts);

const FIELD = 'verificationCode';
const CODE = 'codigo';

export default function VerificationPage() {
  const form = useForm({ [FIELD]: parameter(CODE) ?? '' });
  const { found, copy, check, read } = useCheck(form);
  useEffect(() => {
    arrive(t('check.title'));
    if (form.values.value[FIELD]) check();
  }, []);
  return html`<h1>${t('check.title')}</h1><p class="lead">${t('check.lead')}</p>
    <${FormBox} form=${form} title=${t('check.title')} onSubmit=${() => check()}>
      <${TextField} form=${form} name=${FIELD} label=${t('check.code')} hint=${t('check.code.hint')}
        autocomplete="off" autocapitalize="characters" spellcheck=${false} maxlength="40" />
      <div class="buttons"><${Submit} form=${form}>${t('check.button')}</${Submit}></div>
    </${FormBox}>
    ${found ? html`<${Found} receipt=${found} copy=${copy} key=${found.verificationCode} />`
    : html`<h2>${t('check.or')}</h2><p>${t('check.or.what')}</p><${DropZone} id="receipt-file" isOne=${true} onChoose=${read} />`}`;
}

/** `check()` the code that is in the form, or `read()` it from a receipt, which is compared as well. */
function useCheck(form) {
  const found = useSignal(/** @type {any} */ (null));
  /** The receipt's own file, if it was chosen, and whether it is the one that was sealed. */
  const copy = useSignal(/** @type {import('../parts/comparison.js').Judgement | null} */ (null));
  const refuse = (/** @type {string} */ message) => { form.problems.value = [{ field: FIELD, message }]; };
  const check = async (/** @type {File[]} */ files = []) => {
    const here = address.value;
    const verificationCode = form.values.value[FIELD].trim();
    found.value = null;
    copy.value = null;
    await form.send(ReceiptCheck, { verificationCode }, async (receipt) => {
      if (!receipt) { refuse(t('check.none')); return; }
      copy.value = (await judged(receipt, files))[0] ?? null;
      found.value = receipt;
      if (address.value === here) go(`/verificacion?${CODE}=${receipt.verificationCode}`, { replace: true });
    });
  };
  const read = async (/** @type {File[]} */ [file]) => {
    const code = await codeIn(file).catch(() => null);
    if (!code) { found.value = null; refuse(t('compare.no-code', { name: file.name })); return; }
    form.set(FIELD, code);
    await check([file]);
  };
  return { found: found.value, copy: copy.value, check, read };
}

/** @param {any} receipt */
function placeOf({ logIndex, head }) {
  if (logIndex === null) return t('check.place.unsealed');
  const place = number(logIndex + 1);
  return head ? t('check.place.published', { place, day: day(head.day), made: dateTime(head.madeAt) }) : t('check.place.waits', { place });
}

/** A copy that was changed carries a code that is good: then the first word must not be that it is genuine. */
function Found({ receipt, copy }) {
  const title = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => title.current?.focus(), []);
  const isAltered = Boolean(copy?.sha256 && !copy.isSame);
  return html`<section aria-labelledby="found-title"><div class=${`notice ${isAltered ? 'bad' : 'good'}`}>
      <h2 id="found-title" tabindex="-1" ref=${title}>${t(isAltered ? 'check.altered' : 'check.genuine')}</h2>
      ${copy && html`<p><strong>${copy.name}</strong>: ${copy.sentence}</p>`}
      <p>${t(isAltered ? 'check.altered.what' : receipt.isErased ? 'check.genuine.erased' : 'check.genuine.what')}</p></div>
    <${Facts} rows=${[
      [t('check.kind'), receipt.kindLabel],
      [t('check.number'), html`<span class="code">${receipt.number}</span>`],
      [t('check.code'), html`<span class="code">${receipt.verificationCode}</span>`],
      [t('check.entity'), receipt.entity],
      [t('check.office'), receipt.officeName],
      [t('check.sent'), dateTime(receipt.sentAt)],
      [t('check.filed'), day(receipt.filedOn)],
      receipt.actedAt && [t('check.acted'), dateTime(receipt.actedAt)],
      [t('check.issued'), dateTime(receipt.issuedAt)],
      receipt.sealHolder && [t('check.sealed'), receipt.sealHolder],
      [t('check.place'), placeOf(receipt)],
      receipt.sha256 && [t('check.digest'), html`<span class="digest">${receipt.sha256}</span>`],
    ]} />
    <h2>${t('check.files')}</h2>
    <${Facts} rows=${receipt.files.map((file) => [t('check.file', file), html`<${Certified} file=${file} />`])} />
    <${Comparison} receipt=${receipt} />
    <${Proofs} receipt=${receipt} />
  </section>`;
}

const Certified = ({ file }) => html`${t('check.file.value', { size: size(file.sizeBytes), bytes: number(file.sizeBytes) })}<br />
  ${t('check.digest')}: <span class="digest">${file.sha256}</span>`;

function Proofs({ receipt }) {
  const page = `/verificar/${receipt.verificationCode}`;
  const year = receipt.head?.day.slice(0, 4);
  return html`<h2>${t('check.proofs')}</h2><ul>
    <li><a href=${page}>${t('check.page')}</a></li>
    ${year && html`<li><a href=${`${page}/prueba.json`} download>${t('check.proof')}</a></li>
      <li><a href=${`/constancias/cabezas/${year}.json`} download>${t('check.heads', { year })}</a></li>`}
    <li><a href="/constancias/certificado.pem" download>${t('check.certificate')}</a></li></ul>`;
}
