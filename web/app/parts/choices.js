// What is chosen by a mark: one of several, several of many, or one thing or not.
// @ts-check
import { html } from '../base.js';
import { describedBy, Field, Wrong } from './basics.js';

/** One of `choices`: value, words and perhaps a hint. The first has the field's id, so that a problem finds it. @param {any} props */
export function RadioField({ form, name, label, hint, choices, onChange }) {
  const take = (value) => { form.set(name, value); onChange?.(value); };
  return html`<${Field} form=${form} name=${name} label=${label} hint=${hint} isGroup=${true}>${() => choices.map(([value, words, more], at) => html`
    <${Choice} key=${value} type="radio" id=${at ? `${name}-${value}` : name} name=${name} words=${words} more=${more}
      isChosen=${form.values.value[name] === value} onChange=${() => take(value)} />`)}</${Field}>`;
}

/** Several of `choices`, pairs of value and words and perhaps more. The first has the field's id, so that a problem finds it. @param {any} props */
export function ChecksField({ form, name, label, hint, choices }) {
  const chosen = form.values.value[name] ?? [];
  const take = (value, isChosen) => form.set(name, choices.map(([each]) => each).filter((each) => (each === value ? isChosen : chosen.includes(each))));
  return html`<${Field} form=${form} name=${name} label=${label} hint=${hint} isGroup=${true}>${() => html`<div class="checks">
    ${choices.map(([value, words, more], at) => html`<${Choice} key=${value} type="checkbox" id=${at ? `${name}-${value}` : name} words=${words} more=${more}
      isChosen=${chosen.includes(value)} onChange=${(event) => take(value, event.target.checked)} />`)}</div>`}</${Field}>`;
}

function Choice({ type, id, name, words, more, isChosen, onChange }) {
  return html`<div class="choice">
    <input type=${type} id=${id} name=${name} checked=${isChosen} onChange=${onChange} aria-describedby=${more ? `${id}-more` : undefined} />
    <label for=${id}>${words}</label>
    ${more && html`<p class="hint" id=${`${id}-more`}>${more}</p>`}
  </div>`;
}

export function CheckField({ form, name, label, hint, onChange }) {
  const problem = form.problem(name);
  const take = (event) => { form.set(name, event.target.checked); onChange?.(event.target.checked); };
  return html`<div class=${`field${problem ? ' wrong' : ''}`}>
    <${Wrong} name=${name} problem=${problem} />
    <div class="choice">
      <input type="checkbox" id=${name} name=${name} checked=${Boolean(form.values.value[name])} onChange=${take}
        aria-describedby=${describedBy(name, hint, problem)} aria-invalid=${problem ? 'true' : undefined} />
      <label for=${name}>${label}</label>
      ${hint && html`<p class="hint" id=${`${name}-hint`}>${hint}</p>`}
    </div></div>`;
}
