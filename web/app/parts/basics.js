// What pages are made of: forms with their problems, what is waited for, small things shown everywhere.
// Ids of fields are the paths of the API, so that a refusal finds its field.
// @ts-check
import { html, signal, useEffect, useId, useRef, useSignal } from '../base.js';
import { act, ask, Failed, problemsOf, SignedOut, Unreachable } from '../api.js';
import { arrive } from '../router.js';
import { asksToSignIn, counter, hasEnded } from '../session.js';
import { has, hour, t } from '../texts.js';

/** @typedef {{field: string, message: string, code?: string, href?: string}} Problem  with `href`, its field is on another page */

export class Form {
  problems = signal(/** @type {Problem[]} */ ([]));
  isBusy = signal(false);
  /** What must be shown before sending, such as the proof of the security check; called after each refusal. */
  onRefused = () => {};
  /** What the form waits for before it is sent. @type {null | (() => Promise<void>)} */
  beforeSending = null;

  /** @param {Record<string, any>} initial by the names of the API's input */
  constructor(initial) { this.values = signal(initial); }

  /** @param {string} name @param {any} value */
  set(name, value) { this.values.value = { ...this.values.value, [name]: value }; }

  /** @param {string} name */
  problem(name) { return this.problems.value.find((each) => each.field === name); }

  /**
   * Do an operation once, and tell its problems or go on with its payload.
   * @param {import('../api.gen.d.ts').Operation<any, any>} operation
   * @param {any} variables
   * @param {(payload: any) => void | Promise<void>} onSuccess
   */
  async send(operation, variables, onSuccess) {
    if (this.isBusy.value) return;
    this.isBusy.value = true;
    try {
      const payload = await act(operation, variables);
      const problems = problemsOf(payload);
      this.tell(problems, problems[0]?.code === 'NOT_SIGNED_IN');
      if (!problems.length) await onSuccess(payload);
    } catch (error) {
      this.tell([{ field: '', message: sentenceOf(error) }], error instanceof SignedOut);
    } finally {
      this.isBusy.value = false;
    }
  }

  /** @param {Problem[]} problems @param {boolean} isSignedOut the session has ended: one signs in again over the page, which is no problem of the form */
  tell(problems, isSignedOut) {
    asksToSignIn.value = isSignedOut && hasEnded.value;
    this.problems.value = asksToSignIn.value ? [] : problems;
    if (problems.length) this.onRefused();
  }
}

/** What a failed request is told as. @param {unknown} error */
export function sentenceOf(error) {
  if (error instanceof Failed) return error.message;
  return t(error instanceof Unreachable ? 'trouble.line.what' : 'trouble.page.what');
}

/** @param {Record<string, any>} initial @returns {Form} the same at each drawing */
export function useForm(initial) {
  const kept = useRef(/** @type {Form | null} */ (null));
  kept.current ??= new Form(initial);
  return kept.current;
}

/** The form element, with its summary of problems above. */
export function FormBox({ form, title, onSubmit, children, narrow = true }) {
  const submit = async (event) => {
    event.preventDefault();
    if (form.isBusy.value) return;
    if (form.beforeSending) {
      form.isBusy.value = true;
      await form.beforeSending();
      form.isBusy.value = false;
    }
    onSubmit();
  };
  return html`<${ErrorSummary} problems=${form.problems.value} title=${title} />
    <form class=${narrow ? 'narrow' : ''} onSubmit=${submit} novalidate aria-busy=${form.isBusy.value}>${children}</form>`;
}

/** What a field is called on the page, where several want the same. @param {string} id */
function labelOf(id) {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
  return (field?.closest('fieldset')?.querySelector('legend') ?? field?.labels?.[0])?.textContent?.replace(/:\s*$/, '');
}

/** Every problem with a link to its field; takes the focus when there are new ones. */
export function ErrorSummary({ problems, title }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const id = useId();
  const isHere = useRef(false);
  useEffect(() => {
    const isWrong = problems.length > 0;
    if (title) arrive(title, { isWrong, isHere: isWrong || isHere.current });
    isHere.current = true;
    if (isWrong) box.current?.focus();
  }, [problems]);
  if (!problems.length) return null;
  const said = problems.map((each) => each.message);
  const words = ({ message, field }) => (said.indexOf(message) === said.lastIndexOf(message) ? message : [labelOf(field), message].filter(Boolean).join(': '));
  return html`<div class="summary" ref=${box} tabindex="-1" role="alert" aria-labelledby=${id}>
    <h2 id=${id}>${t('form.problems', { count: problems.length })}</h2>
    <ul>${problems.map((each) => html`<li>${each.href ? html`<a href=${each.href}>${words(each)}</a>` : document.getElementById(each.field)
      ? html`<a href=${`#${each.field}`} onClick=${(event) => { event.preventDefault(); document.getElementById(each.field)?.focus(); }}>${words(each)}</a>`
      : words(each)}</li>`)}</ul>
  </div>`;
}

/** Label, hint, problem and control, tied together by ids. `children` draws the control from its attributes. */
export function Field({ form, name, label, hint, children, isOptional = false, isGroup = false }) {
  const problem = form.problem(name);
  const described = [hint && `${name}-hint`, problem && `${name}-problem`].filter(Boolean).join(' ') || undefined;
  const attributes = { id: name, name, 'aria-describedby': described, 'aria-invalid': problem ? 'true' : undefined };
  const words = html`${label}${isOptional && html`${' '}<span class="optional">${t('form.optional')}</span>`}`;
  const rest = html`${hint && html`<p class="hint" id=${`${name}-hint`}>${hint}</p>`}
    ${problem && html`<p class="problem" id=${`${name}-problem`}><span class="unseen">${t('form.error')}: </span>${problem.message}</p>`}
    ${children(attributes)}`;
  const className = `field${problem ? ' wrong' : ''}`;
  return isGroup
    ? html`<fieldset class=${className} aria-describedby=${described}><legend>${words}</legend>${rest}</fieldset>`
    : html`<div class=${className}><label for=${name}>${words}</label>${rest}</div>`;
}

/** One line, or several with `rows`. */
export function TextField({ form, name, label, hint, isOptional, rows, onLeave, onChange, ...more }) {
  const take = (event) => { form.set(name, event.target.value); onChange?.(event.target.value); };
  return html`<${Field} form=${form} name=${name} label=${label} hint=${hint} isOptional=${isOptional}>${(attributes) => {
    const all = { ...attributes, ...more, value: form.values.value[name] ?? '', onInput: take, onBlur: onLeave };
    return rows ? html`<textarea ...${all} rows=${rows}></textarea>` : html`<input type="text" ...${all} />`;
  }}</${Field}>`;
}

/** A password, which can be shown. */
export function PasswordField({ form, name, label, hint, ...more }) {
  const isShown = useRef(signal(false)).current;
  return html`<${Field} form=${form} name=${name} label=${label} hint=${hint}>${(attributes) => html`<div class="with-button">
    <input ...${attributes} ...${more} type=${isShown.value ? 'text' : 'password'} value=${form.values.value[name] ?? ''} autocapitalize="off" spellcheck=${false}
      onInput=${(event) => form.set(name, event.target.value)} />
    <button type="button" aria-pressed=${isShown.value} aria-controls=${name} onClick=${() => { isShown.value = !isShown.value; }}>${t(isShown.value ? 'form.hide' : 'form.show')}</button>
  </div>`}</${Field}>`;
}

/** `choices`: pairs of value and words. @param {any} props */
export function SelectField({ form, name, label, hint, choices, empty, isOptional, onChange }) {
  const take = (event) => { form.set(name, event.target.value); onChange?.(event.target.value); };
  return html`<${Field} form=${form} name=${name} label=${label} hint=${hint} isOptional=${isOptional}>${(attributes) => html`
    <select ...${attributes} value=${form.values.value[name] ?? ''} onChange=${take}>
      ${empty !== undefined && html`<option value="">${empty}</option>`}
      ${choices.map(([value, words]) => html`<option value=${value} key=${value}>${words}</option>`)}
    </select>`}</${Field}>`;
}

/** Kind and number of an identity document, by which people are known here. @param {any} props */
export function IdentityFields({ form, autocomplete = 'off' }) {
  const { identityKind } = form.values.value;
  const chosen = counter.value.identityKinds.find((each) => each.kind === identityKind);
  return html`<${SelectField} form=${form} name="identityKind" label=${t('identity.kind')} choices=${counter.value.identityKinds.map((each) => [each.kind, has(`identity.kind.${each.kind}`) ? t(`identity.kind.${each.kind}`) : each.label])} />
    <${TextField} form=${form} name="identityNumber" label=${t('identity.number')} hint=${chosen?.helpText} class="short" autocomplete=${autocomplete} autocapitalize="characters"
      inputmode=${identityKind === 'DNI' ? 'numeric' : undefined} spellcheck=${false} maxlength="20" />`;
}

/** `choices`: value, words and perhaps a hint. The first choice has the field's id, so that a problem finds it. @param {any} props */
export function RadioField({ form, name, label, hint, choices, onChange }) {
  const take = (value) => { form.set(name, value); onChange?.(value); };
  return html`<${Field} form=${form} name=${name} label=${label} hint=${hint} isGroup=${true}>${() => choices.map(([value, words, more], at) => {
    const id = at ? `${name}-${value}` : name;
    return html`<div class="choice" key=${value}><input type="radio" id=${id} name=${name} checked=${form.values.value[name] === value} onChange=${() => take(value)}
      aria-describedby=${more ? `${id}-more` : undefined} /><label for=${id}>${words}</label>${more && html`<p class="hint" id=${`${id}-more`}>${more}</p>`}</div>`;
  })}</${Field}>`;
}

export function CheckField({ form, name, label, hint, onChange }) {
  const problem = form.problem(name);
  const described = [hint && `${name}-hint`, problem && `${name}-problem`].filter(Boolean).join(' ') || undefined;
  const take = (event) => { form.set(name, event.target.checked); onChange?.(event.target.checked); };
  return html`<div class=${`field${problem ? ' wrong' : ''}`}>
    ${problem && html`<p class="problem" id=${`${name}-problem`}><span class="unseen">${t('form.error')}: </span>${problem.message}</p>`}
    <div class="choice"><input type="checkbox" id=${name} name=${name} checked=${Boolean(form.values.value[name])} onChange=${take}
      aria-describedby=${described} aria-invalid=${problem ? 'true' : undefined} /><label for=${name}>${label}</label>
      ${hint && html`<p class="hint" id=${`${name}-hint`}>${hint}</p>`}</div></div>`;
}

export function Submit({ form, children }) {
  return html`<button class="primary" type="submit" aria-disabled=${form.isBusy.value}>${form.isBusy.value ? t('form.busy') : children}</button>`;
}

/** Have the browser ask whether the page may be left. @param {BeforeUnloadEvent} event */
export function askBefore(event) {
  event.preventDefault();
  event.returnValue = '';  // Browsers before 2023 listen to this alone.
}

/** A status, always with its word. */
export const Status = ({ status }) => html`<span class=${`tag is-${status}`}>${t(`status.${status}`)}</span>`;

/** An address of mail, broken before its @ where the line is short. @param {{of: string}} props */
export const Address = ({ of }) => html`${of.slice(0, of.lastIndexOf('@'))}<wbr />${of.slice(of.lastIndexOf('@'))}`;

/** Pairs of words, as a list that a screen reader reads as such: `[term, value, change link]`. */
export function Facts({ rows }) {
  return html`<dl class="facts">${rows.filter(Boolean).map(([term, value, change]) => html`<div key=${term}><dt>${term}</dt><dd>${value}</dd>${change && html`<dd class="change">${change}</dd>`}</div>`)}</dl>`;
}

export const Waiting = () => html`<p class="hint waiting" role="status">${t('wait')}</p>`;

/** @param {{error: unknown, onAgain: () => void}} props */
export function Troubled({ error, onAgain }) {
  const key = error instanceof Unreachable ? 'trouble.line' : 'trouble.page';
  useEffect(() => arrive(t(`${key}.title`)), [key]);
  return html`<h1>${t(`${key}.title`)}</h1><p role="alert">${t(`${key}.what`)}</p><p><button type="button" onClick=${onAgain}>${t('trouble.again')}</button></p>`;
}

/**
 * Ask when the page is shown, and again when one of `variables` changes or `again()` is called.
 * @template V, D
 * @param {import('../api.gen.d.ts').Operation<V, D>} operation
 * @param {V} variables
 * @returns {{data: D | null, error: unknown, again: () => Promise<void>, set: (data: D) => void}}
 */
export function useLoaded(operation, variables) {
  const data = useSignal(/** @type {D | null} */ (null));
  const error = useSignal(/** @type {unknown} */ (null));
  const key = JSON.stringify(variables);
  const load = async (/** @type {AbortSignal | undefined} */ cancelled) => {
    try {
      const found = await ask(operation, variables, cancelled);
      if (cancelled?.aborted) return;
      data.value = found;
      error.value = null;
    } catch (trouble) {
      if (!cancelled?.aborted) error.value = trouble;
    }
  };
  useEffect(() => {
    const leaving = new AbortController();
    load(leaving.signal);
    return () => leaving.abort();
  }, [operation.name, key]);
  return { data: data.value, error: error.value, again: () => load(undefined), set: (value) => { data.value = value; } };
}

/** Draws `children(data)` once there is some; that it could not be asked for anew is told above it. @param {{loaded: ReturnType<typeof useLoaded>, children: (data: any) => any}} props */
export function Loaded({ loaded, children }) {
  if (loaded.data) {
    return html`${loaded.error && html`<div class="notice bad" role="alert"><p>${sentenceOf(loaded.error)}</p><p><button type="button" onClick=${loaded.again}>${t('trouble.again')}</button></p></div>`}${children(loaded.data)}`;
  }
  return loaded.error ? html`<${Troubled} error=${loaded.error} onAgain=${loaded.again} />` : html`<${Waiting} />`;
}

/** When the counter is open, as the first of its offices is, and that sending is possible always. */
export function Hours() {
  const first = counter.value?.offices.find((office) => office.isOpenForFiling);
  return html`<aside class="card" aria-labelledby="hours-title"><h2 id="hours-title">${t('hours.title')}</h2>
    <p>${first ? t('hours.of', { from: hour(first.hours.opensAt), to: hour(first.hours.closesAt) }) : t('wait')}</p>
    <p class="hint">${t('hours.always')}</p><p><a href="/horario">${t('hours.more')}</a></p></aside>`;
}
