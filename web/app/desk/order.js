// Another order of the offices: each goes up or down by a button, and nothing is sent before the whole order is right.
// @ts-check
import { html, useRef, useSignal } from '../base.js';
import { t } from '../texts.js';
import { Change } from './changing.js';

/** @param {any} props */
export function Order({ offices, version, common, operation }) {
  return html`<${Change} ...${common} initial=${{ codes: offices.map((each) => each.code) }} version=${version} operation=${operation}
    input=${({ codes }) => ({ codes: complete(codes, offices) })}>
    ${(form) => html`<${List} form=${form} offices=${offices} />`}</${Change}>`;
}

/** Whoever came meanwhile stands at the end. @param {string[]} codes @param {any[]} offices */
const complete = (codes, offices) => {
  const all = offices.map((each) => each.code);
  return [...codes.filter((code) => all.includes(code)), ...all.filter((code) => !codes.includes(code))];
};

function List({ form, offices }) {
  const told = useSignal('');
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const codes = complete(form.values.value.codes, offices);
  const nameOf = (/** @type {string} */ code) => offices.find((each) => each.code === code).name;
  const move = (/** @type {number} */ at, /** @type {number} */ by) => {
    const to = at + by;
    if (to < 0 || to >= codes.length) { told.value = t(by < 0 ? 'office.first' : 'office.last', { name: nameOf(codes[at]) }); return; }
    const next = [...codes];
    next.splice(to, 0, ...next.splice(at, 1));
    form.set('codes', next);
    told.value = t('office.moved', { name: nameOf(codes[at]), place: to + 1, of: codes.length });
    // The button goes with its office; where the browser loses the focus on the way, it is given back.
    requestAnimationFrame(() => /** @type {HTMLElement} */ (list.current?.children[to].querySelectorAll('button')[by < 0 ? 0 : 1]).focus());
  };
  return html`<ol class="rows" ref=${list}>${codes.map((code, at) => html`<li key=${code}><span>${at + 1}. ${nameOf(code)}</span>
      <span class="row-deeds"><button type="button" onClick=${() => move(at, -1)}>${t('office.up')}<span class="unseen">: ${nameOf(code)}</span></button>
        <button type="button" onClick=${() => move(at, 1)}>${t('office.down')}<span class="unseen">: ${nameOf(code)}</span></button></span></li>`)}</ol>
    <p role="status" class="hint">${told.value}</p>`;
}
