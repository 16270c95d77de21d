// One place for one file: what may go there, its choosing, how far it has come, what was found of it.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { fieldOf, kindsOf, listed, mostMb } from '../files.js';
import { number, size, t } from '../texts.js';
import { Wrong } from './basics.js';

/** @typedef {import('../files.js').Limits} Limits */

/**
 * The places for all files of a document; the next annex's appears when the last one is used.
 * @param {{files: import('../files.js').Files, limits: Limits, problems: {field: string, message: string}[], noteOf?: (place: number) => string}} props
 *   `noteOf` says what stands in a place already: then nothing need be chosen
 */
export function Slots({ files, limits, problems, noteOf }) {
  useKeptFromOpening();
  const places = Math.min(files.annexes.value.length + 1, limits.maxAnnexes) + 1;
  const choose = (/** @type {number} */ place, /** @type {File[]} */ list) => {
    let next = place;
    for (const file of place ? list : list.slice(0, 1)) if (next <= limits.maxAnnexes) files.choose(next++, file, limits);
    focusOn(fieldOf(place));
  };
  const remove = (/** @type {number} */ place) => {
    files.remove(place);
    focusOn(fieldOf(place));
  };
  return Array.from({ length: places }, (_, place) => html`<${Slot} key=${place} place=${place} chosen=${files.at(place)} limits=${limits}
    note=${noteOf?.(place)} problem=${problems.find((each) => each.field === fieldOf(place))}
    onChoose=${(list) => choose(place, list)} onRemove=${() => remove(place)} />`);
}

/** After the next drawing. @param {string} id */
const focusOn = (id) => setTimeout(() => document.getElementById(id)?.focus());

/** A file that is dropped beside its place must not replace the page. */
function useKeptFromOpening() {
  useEffect(() => {
    const keep = (/** @type {Event} */ event) => event.preventDefault();
    for (const name of ['dragover', 'drop']) addEventListener(name, keep);
    return () => { for (const name of ['dragover', 'drop']) removeEventListener(name, keep); };
  }, []);
}

function Slot({ place, chosen, limits, note, problem, onChoose, onRemove }) {
  const field = fieldOf(place);
  const state = chosen?.state ?? 'none';
  const label = place ? t('files.annex', { place }) : t('files.main');
  const told = useStanding(problem, `${chosen?.key} ${state}`)?.message;
  const message = state === 'refused' ? t('files.refused', { name: chosen.name, why: chosen.message }) : told;
  const described = [`${field}-hint`, message && `${field}-problem`, state === 'empty' && `${field}-again`].filter(Boolean).join(' ');
  return html`<div class=${`slot field${message ? ' wrong' : ''}`}>
    <h2>${label}${(place > 0 || note) && html`${' '}<span class="optional">${t('form.optional')}</span>`}</h2>
    <p class="hint" id=${`${field}-hint`}>${note && `${note} `}${hintOf(place, limits)}</p>
    <div role="status">
      <${Wrong} name=${field} problem=${message && { message }} />
      ${state === 'empty' && html`<p class="notice" id=${`${field}-again`}>${againOf(chosen)}</p>`}
    </div>
    ${['sending', 'paused', 'done'].includes(state)
      ? html`<${There} field=${field} label=${label} chosen=${chosen} state=${state} onRemove=${onRemove} />`
      : html`<${Choose} field=${field} label=${label} accept=${kindsOf(place, limits).map((kind) => `.${kind}`).join(',')} state=${state}
        described=${described} isWrong=${Boolean(message)} onChoose=${onChoose} onRemove=${onRemove} />`}
  </div>`;
}

/** A problem of what stood here when it was told: another file, or one that arrived meanwhile, is not wrong for that. */
function useStanding(problem, about) {
  const last = useRef({ problem: undefined, about: '' });
  if (last.current.problem !== problem) last.current = { problem, about };
  return last.current.about === about ? problem : undefined;
}

/** What may go there. @param {number} place @param {Limits} limits */
const hintOf = (place, limits) => t('files.hint', { kinds: listed(kindsOf(place, limits)), most: mostMb(place, limits) });

/** That the same file must be chosen once more. @param {any} chosen */
const againOf = ({ name, sizeBytes, sent }) => t('files.again', { name, size: size(sizeBytes), sent: size(sent) });

/** What the button is called in each state of the place. */
const CHOOSE = { none: 'files.choose', empty: 'files.choose-same', refused: 'files.choose-other' };

/** The browser's own control speaks its own language: it is there, unseen, behind a button of ours. */
function Choose({ field, label, accept, state, described, isWrong, onChoose, onRemove }) {
  const isOver = useSignal(false);
  const enter = (event) => { event.preventDefault(); isOver.value = true; };
  const leave = () => { isOver.value = false; };
  const taken = (/** @type {FileList | undefined} */ list) => {
    isOver.value = false;
    if (list?.length) onChoose([...list]);
  };
  const drop = (event) => { event.preventDefault(); taken(event.dataTransfer?.files); };
  const choose = (event) => { taken(event.target.files); event.target.value = ''; };
  const words = t(CHOOSE[/** @type {keyof typeof CHOOSE} */ (state)]);
  const forget = t(state === 'empty' ? 'files.remove' : 'files.forget');
  return html`<div class=${`choose${isOver.value ? ' over' : ''}`} onDragOver=${enter} onDragLeave=${leave} onDrop=${drop}>
    <input type="file" id=${field} accept=${accept} aria-label=${`${label}: ${words}`} aria-describedby=${described}
      aria-invalid=${isWrong ? 'true' : undefined} onChange=${choose} />
    <label class="button" for=${field} aria-hidden="true">${words}</label>
    <span class="hint drop">${t('files.drop')}</span>
    ${state !== 'none' && html`<button type="button" class="link" onClick=${onRemove}>${forget}<span class="unseen">: ${label}</span></button>`}
  </div>`;
}

function There({ field, label, chosen, state, onRemove }) {
  const { sent, sizeBytes, name } = chosen;
  const isChecked = state === 'sending' && sent >= sizeBytes;
  const findings = chosen.upload.value?.findings ?? [];
  const resume = () => chosen.sending.value.resume();
  return html`<div class=${`file is-${state}`} id=${field} tabindex="-1" role="group" aria-label=${`${label}: ${name}`} aria-describedby=${`${field}-state`}>
    <p><strong>${state === 'done' && html`<span class="tick" aria-hidden="true"></span>`}${name}</strong>${' '}
      <span class="hint amount">${state === 'done' || isChecked ? size(sizeBytes) : amountOf(chosen)}</span></p>
    <div class="deeds-of-file">
      ${state === 'paused' && html`<button type="button" onClick=${resume}>${t('files.resume')}<span class="unseen"> ${name}</span></button>`}
      <button type="button" class="link" onClick=${onRemove}>${t('files.remove')}<span class="unseen"> ${name}</span></button>
    </div>
    ${state !== 'done' && html`<progress max=${sizeBytes} value=${isChecked ? undefined : sent} aria-label=${t('files.progress', { name })}></progress>`}
    <p class="said" role="status" id=${`${field}-state`}>${t(`files.${isChecked ? 'checking' : state}`, { name })}</p>
    ${state === 'done' && findings.length > 0 && html`<${Remarks} findings=${findings} />`}
  </div>`;
}

/** How far it has come. @param {any} chosen */
const amountOf = ({ sent, sizeBytes }) => t('files.amount', { sent: size(sent), size: size(sizeBytes), share: number(Math.floor(100 * sent / sizeBytes)) });

/** What was found of it that keeps nothing from being sent. */
const Remarks = ({ findings }) => html`<div class="notice"><p><strong>${t('files.remarks')}</strong></p>
  <ul>${findings.map((each) => html`<li key=${each.code}>${each.message}</li>`)}</ul></div>`;
