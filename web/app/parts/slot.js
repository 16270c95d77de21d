// One place for one file: what may go there, its choosing, how far it has come, what was found of it.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { fieldOf, kindsOf, listed, mostMb } from '../files.js';
import { number, size, t } from '../texts.js';

/**
 * The places for all files of a document; the next annex's appears when the last one is used.
 * @param {{files: import('../files.js').Files, limits: import('../files.js').Limits, problems: {field: string, message: string}[], noteOf?: (place: number) => string}} props
 *   `noteOf` says what stands in a place already: then nothing need be chosen
 */
export function Slots({ files, limits, problems, noteOf }) {
  useKeptFromOpening();
  const places = Math.min(files.annexes.value.length + 1, limits.maxAnnexes) + 1;
  const choose = (place, list) => {
    let next = place;
    for (const file of list) if (next <= limits.maxAnnexes) files.choose(next++, file, limits);
    focusOn(fieldOf(place));
  };
  return Array.from({ length: places }, (_, place) => {
    const chosen = files.at(place);
    const field = fieldOf(place);
    return html`<${Slot} key=${place} field=${field} place=${place} chosen=${chosen} limits=${limits} note=${noteOf?.(place)} problem=${problems.find((each) => each.field === field)}
      onChoose=${(list) => choose(place, place ? list : list.slice(0, 1))} onRemove=${() => { files.remove(place); focusOn(field); }} />`;
  });
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

function Slot({ field, place, chosen, limits, note, problem, onChoose, onRemove }) {
  const state = chosen?.state ?? 'none';
  const label = place ? t('files.annex', { place }) : t('files.main');
  const hint = t('files.hint', { kinds: listed(kindsOf(place, limits)), most: mostMb(place, limits) });
  const isThere = ['sending', 'paused', 'done'].includes(state);
  const told = useStanding(problem, `${chosen?.key} ${state}`)?.message;
  const message = state === 'refused' ? t('files.refused', { name: chosen.name, why: chosen.message }) : told;
  return html`<div class=${`slot field${message ? ' wrong' : ''}`}>
    <h2>${label}${(place > 0 || note) && html`${' '}<span class="optional">${t('form.optional')}</span>`}</h2>
    <p class="hint" id=${`${field}-hint`}>${note && `${note} `}${hint}</p>
    <div role="status">
      ${message && html`<p class="problem" id=${`${field}-problem`}><span class="unseen">${t('form.error')}: </span>${message}</p>`}
      ${state === 'empty' && html`<p class="notice" id=${`${field}-again`}>${t('files.again', { name: chosen.name, size: size(chosen.sizeBytes), sent: size(chosen.sent) })}</p>`}
    </div>
    ${isThere ? html`<${There} field=${field} label=${label} chosen=${chosen} state=${state} onRemove=${onRemove} />`
    : html`<${Choose} field=${field} label=${label} accept=${kindsOf(place, limits).map((kind) => `.${kind}`).join(',')} isSame=${state === 'empty'} isOther=${state === 'refused'}
        described=${[`${field}-hint`, message && `${field}-problem`, state === 'empty' && `${field}-again`].filter(Boolean).join(' ')} isWrong=${Boolean(message)}
        onChoose=${onChoose} onRemove=${state === 'none' ? null : onRemove} />`}
  </div>`;
}

/** A problem of what stood here when it was told: another file, or one that arrived meanwhile, is not wrong for that. */
function useStanding(problem, about) {
  const last = useRef({ problem: undefined, about: '' });
  if (last.current.problem !== problem) last.current = { problem, about };
  return last.current.about === about ? problem : undefined;
}

/** The browser's own control speaks its own language: it is there, unseen, behind a button of ours. */
function Choose({ field, label, accept, isSame, isOther, described, isWrong, onChoose, onRemove }) {
  const isOver = useSignal(false);
  const taken = (/** @type {FileList | undefined} */ list) => { isOver.value = false; if (list?.length) onChoose([...list]); };
  const words = t(isSame ? 'files.choose-same' : isOther ? 'files.choose-other' : 'files.choose');
  return html`<div class=${`choose${isOver.value ? ' over' : ''}`} onDragOver=${(event) => { event.preventDefault(); isOver.value = true; }} onDragLeave=${() => { isOver.value = false; }}
      onDrop=${(event) => { event.preventDefault(); taken(event.dataTransfer?.files); }}>
    <input type="file" id=${field} accept=${accept} aria-label=${`${label}: ${words}`} aria-describedby=${described} aria-invalid=${isWrong ? 'true' : undefined}
      onChange=${(event) => { taken(event.target.files); event.target.value = ''; }} />
    <label class="button" for=${field} aria-hidden="true">${words}</label><span class="hint drop">${t('files.drop')}</span>
    ${onRemove && html`<button type="button" class="link" onClick=${onRemove}>${t(isSame ? 'files.remove' : 'files.forget')}<span class="unseen">: ${label}</span></button>`}
  </div>`;
}

function There({ field, label, chosen, state, onRemove }) {
  const { sent, sizeBytes, name } = chosen;
  const isChecked = state === 'sending' && sent >= sizeBytes;
  const share = Math.floor(100 * sent / sizeBytes);
  const findings = chosen.upload.value?.findings ?? [];
  const said = t(`files.${isChecked ? 'checking' : state}`, { name });
  return html`<div class=${`file is-${state}`} id=${field} tabindex="-1" role="group" aria-label=${`${label}: ${name}`} aria-describedby=${`${field}-state`}>
    <p><strong>${state === 'done' && html`<span class="tick" aria-hidden="true"></span>`}${name}</strong>${' '}<span class="hint amount">${state === 'done' || isChecked ? size(sizeBytes)
      : t('files.amount', { sent: size(sent), size: size(sizeBytes), share: number(share) })}</span></p>
    <div class="deeds-of-file">
      ${state === 'paused' && html`<button type="button" onClick=${() => chosen.sending.value.resume()}>${t('files.resume')}<span class="unseen"> ${name}</span></button>`}
      <button type="button" class="link" onClick=${onRemove}>${t('files.remove')}<span class="unseen"> ${name}</span></button>
    </div>
    ${state !== 'done' && html`<progress max=${sizeBytes} value=${isChecked ? undefined : sent} aria-label=${t('files.progress', { name })}></progress>`}
    <p class="said" role="status" id=${`${field}-state`}>${said}</p>
    ${state === 'done' && findings.length > 0 && html`<div class="notice"><p><strong>${t('files.remarks')}</strong></p>
      <ul>${findings.map((each) => html`<li key=${each.code}>${each.message}</li>`)}</ul></div>`}
  </div>`;
}
