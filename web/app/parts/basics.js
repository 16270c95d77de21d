// What pages are made of: forms with their problems, what is waited for, small things shown everywhere.
// Ids of fields are the paths of the API, so that a refusal finds its field.
// @ts-check
import { html, signal, useEffect, useId, useRef } from '../base.js';
import { act, Failed, problemsOf, SignedOut, Unreachable } from '../api.js';
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
  return html`<div class="summary" ref=${box} tabindex="-1" role="alert" aria-labelledby=${id}>
    <h2 id=${id}>${t('form.problems', { count: problems.length })}</h2>
    <ul>${problems.map((each) => html`<li><${ToField} problem=${each} words=${wordsOf(each, problems)} /></li>`)}</ul>
  </div>`;
}

/** What several fields are told alike is told with the name of each. @param {Problem} problem @param {Problem[]} all */
function wordsOf({ message, field }, all) {
  const isAlone = all.filter((each) => each.message === message).length === 1;
  return isAlone ? message : [labelOf(field), message].filter(Boolean).join(': ');
}

function ToField({ problem: { field, href }, words }) {
  if (href) return html`<a href=${href}>${words}</a>`;
  if (!document.getElementById(field)) return words;
  const go = (event) => {
    event.preventDefault();
    document.getElementById(field)?.focus();
  };
  return html`<a href=${`#${field}`} onClick=${go}>${words}</a>`;
}

/** The ids of what is said of a field. @param {string} name @param {unknown} hint @param {unknown} problem */
export const describedBy = (name, hint, problem) => [hint && `${name}-hint`, problem && `${name}-problem`].filter(Boolean).join(' ') || undefined;

/** What is wrong with a field, beside it. @param {{name: string, problem: Problem | undefined}} props */
export const Wrong = ({ name, problem }) => problem && html`<p class="problem" id=${`${name}-problem`}>
  <span class="unseen">${t('form.error')}: </span>${problem.message}</p>`;

/** Label, hint, problem and control, tied together by ids. `children` draws the control from its attributes. */
export function Field({ form, name, label, hint, children, isOptional = false, isGroup = false }) {
  const problem = form.problem(name);
  const described = describedBy(name, hint, problem);
  const attributes = { id: name, name, 'aria-describedby': described, 'aria-invalid': problem ? 'true' : undefined };
  const words = html`${label}${isOptional && html`${' '}<span class="optional">${t('form.optional')}</span>`}`;
  const rest = html`${hint && html`<p class="hint" id=${`${name}-hint`}>${hint}</p>`}
    <${Wrong} name=${name} problem=${problem} />
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
  const turn = () => { isShown.value = !isShown.value; };
  return html`<${Field} form=${form} name=${name} label=${label} hint=${hint}>${(attributes) => html`<div class="with-button">
    <input ...${attributes} ...${more} type=${isShown.value ? 'text' : 'password'} autocapitalize="off" spellcheck=${false}
      value=${form.values.value[name] ?? ''} onInput=${(event) => form.set(name, event.target.value)} />
    <button type="button" aria-pressed=${isShown.value} aria-controls=${name} onClick=${turn}>${t(isShown.value ? 'form.hide' : 'form.show')}</button>
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
  const kinds = counter.value.identityKinds;
  const nameOf = ({ kind, label }) => (has(`identity.kind.${kind}`) ? t(`identity.kind.${kind}`) : label);
  return html`<${SelectField} form=${form} name="identityKind" label=${t('identity.kind')} choices=${kinds.map((each) => [each.kind, nameOf(each)])} />
    <${TextField} form=${form} name="identityNumber" label=${t('identity.number')} hint=${kinds.find((each) => each.kind === identityKind)?.helpText}
      class="short" maxlength="20" inputmode=${identityKind === 'DNI' ? 'numeric' : undefined}
      autocomplete=${autocomplete} autocapitalize="characters" spellcheck=${false} />`;
}

export function Submit({ form, isDanger = false, children }) {
  const isBusy = form.isBusy.value;
  return html`<button class=${isDanger ? 'danger' : 'primary'} type="submit" aria-disabled=${isBusy}>${isBusy ? t('form.busy') : children}</button>`;
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
  return html`<dl class="facts">${rows.filter(Boolean).map(([term, value, change]) => html`<div key=${term}>
    <dt>${term}</dt><dd>${value}</dd>
    ${change && html`<dd class="change">${change}</dd>`}
  </div>`)}</dl>`;
}

export const Waiting = () => html`<p class="hint waiting" role="status">${t('wait')}</p>`;

/** @param {{error: unknown, onAgain: () => void}} props */
export function Troubled({ error, onAgain }) {
  const key = error instanceof Unreachable ? 'trouble.line' : 'trouble.page';
  useEffect(() => arrive(t(`${key}.title`)), [key]);
  return html`<h1>${t(`${key}.title`)}</h1>
    <p role="alert">${sentenceOf(error)}</p>
    <p><button type="button" onClick=${onAgain}>${t('trouble.again')}</button></p>`;
}

/** When the counter is open, as the first of its offices is, and that sending is possible always. */
export function Hours() {
  const first = counter.value?.offices.find((office) => office.isOpenForFiling);
  return html`<aside class="card" aria-labelledby="hours-title"><h2 id="hours-title">${t('hours.title')}</h2>
    <p>${first ? t('hours.of', { from: hour(first.hours.opensAt), to: hour(first.hours.closesAt) }) : t('wait')}</p>
    <p class="hint">${t('hours.always')}</p><p><a href="/horario">${t('hours.more')}</a></p></aside>`;
}
