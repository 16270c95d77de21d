// What the three steps of a filing have in common: the way, what is saved, what another window did, the way out.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { act, problemsOf } from '../api.js';
import { DiscardDraft } from '../api.gen.js';
import { openDraft } from '../draft.js';
import { filedBefore, takeUp } from '../filing.js';
import { arrive, go } from '../router.js';
import { hasEnded, person } from '../session.js';
import { addTexts, t, time } from '../texts.js';
import texts from '../../texts/es-PE.filing.js';
import { sentenceOf, Troubled, Waiting } from './basics.js';
import { Dialog } from './dialog.js';

addTexts(texts);

/** @typedef {import('../draft.js').Draft} Draft */

const STEPS = ['datos', 'archivos', 'revisar'];
export const addressOf = (/** @type {string} */ id, /** @type {string} */ step) => `/presentar/${id}/${step}`;

/** Which step asks for a field. @param {string} field */
export const stepOf = (field) => (/^(mainUpload|annexUploads)/.test(field) ? 'archivos' : field === 'acceptedPrivacyPolicy' ? 'revisar' : 'datos');

/** One step of a draft; `children(draft)` draws it. @param {any} props */
export function Step({ id, step, children }) {
  const draft = useSignal(/** @type {Draft | null | undefined} */ (undefined));
  const error = useSignal(/** @type {unknown} */ (null));
  const load = async () => {
    error.value = null;
    try {
      const opened = await openDraft(id);
      const number = opened ? null : await filedBefore(id);
      if (number) { go(`/tramites/${number}?presentado`, { replace: true }); return; }
      if (opened) { takeUp(opened); opened.files.resume(); }
      draft.value = opened;
    } catch (trouble) { error.value = trouble; }
  };
  useEffect(() => { load(); }, [id]);
  if (error.value) return html`<${Troubled} error=${error.value} onAgain=${load} />`;
  if (draft.value === undefined) return html`<${Waiting} />`;
  if (draft.value === null || draft.value.status.value === 'gone') return html`<${Gone} draft=${draft.value} step=${step} />`;
  return html`<${Way} draft=${draft.value} step=${step} />
    <${Clash} draft=${draft.value} step=${step} />
    <${Unverified} />
    ${children(draft.value)}`;
}

function Way({ draft, step }) {
  const here = STEPS.indexOf(step);
  const linked = (/** @type {string} */ each) => html`<a href=${addressOf(draft.id, each)}>${t(`filing.${each}`)}</a>`;
  const named = (/** @type {string} */ each) => html`<span aria-current=${each === step ? 'step' : undefined}>${t(`filing.${each}`)}</span>`;
  return html`<nav aria-label=${t('filing.steps')}><ol class="steps">
    ${STEPS.map((each, at) => html`<li key=${each} class=${at < here ? 'done' : at === here ? 'here' : ''}>${at < here ? linked(each) : named(each)}</li>`)}
  </ol></nav>`;
}

/** Another window, or another device, saved the draft: neither what it saved nor what is here is lost. */
function Clash({ draft, step }) {
  const trouble = useSignal('');
  if (draft.status.value !== 'changed') return html`<div role="alert"></div>`;
  const attempt = (/** @type {() => Promise<void>} */ deed) => { deed().catch((error) => { trouble.value = sentenceOf(error); }); };
  const keep = async () => {
    if (await draft.keepAsOther()) go(addressOf(draft.id, step), { replace: true });
    else trouble.value = draft.form.problems.value[0]?.message ?? '';
  };
  return html`<div role="alert" class="notice"><p><strong>${t('filing.changed')}</strong> ${t('filing.changed.what')}</p>
    ${trouble.value && html`<p class="problem">${trouble.value}</p>`}
    <p class="buttons"><button type="button" class="primary" onClick=${() => attempt(() => draft.takeNewer())}>${t('filing.take-newer')}</button>
      <button type="button" onClick=${() => attempt(keep)}>${t('filing.keep-mine')}</button></p></div>`;
}

/** Told at once, for it is all that would keep one from sending in the end. */
function Unverified() {
  if (person.value.isEmailVerified !== false) return null;
  return html`<div class="notice">
    <p><strong>${t('filing.unverified')}</strong> ${t('filing.unverified.what')}</p>
    <p><a class="button" href="/registro/codigo">${t('filing.unverified.verify')}</a></p>
  </div>`;
}

/** The draft was filed, discarded or too old. @param {{draft: Draft | null, step: string}} props */
function Gone({ draft, step }) {
  const trouble = useSignal('');
  useEffect(() => arrive(t('filing.gone')), []);
  const keep = () => draft?.keepAsOther().then((kept) => {
    if (kept) go(addressOf(kept.id, step), { replace: true });
    else trouble.value = draft.form.problems.value[0]?.message ?? '';
  }, (error) => { trouble.value = sentenceOf(error); });
  return html`<h1>${t('filing.gone')}</h1><p>${t('filing.gone.what')}</p>
    ${trouble.value && html`<p class="problem" role="alert">${trouble.value}</p>`}
    <p class="buttons"><a class="button primary" href="/tramites">${t('menu./tramites')}</a><a class="button" href="/presentar">${t('menu./presentar')}</a>
      ${draft && html`<button type="button" onClick=${keep}>${t('filing.keep-mine')}</button>`}</p>`;
}

/** Whether all that was typed is at the counter. */
export function Saved({ draft }) {
  const isAway = draft.status.value === 'away';
  return html`<p class=${`hint saved${isAway ? ' away' : ''}`} role="status">${savedWords(draft)}</p>`;
}

/** @param {Draft} draft */
function savedWords({ status, savedAt }) {
  if (status.value === 'away') return t(hasEnded.value ? 'filing.signed-out' : 'filing.away');
  if (status.value === 'refused') return t('filing.not-saved');
  return t('filing.saved', { time: time(savedAt.value) });
}

/** The way out without filing. */
export function Discard({ draft, subject, onGone, isSmall = false }) {
  const isOpen = useSignal(false);
  const isBusy = useRef(false);
  const trouble = useSignal('');
  const discard = async () => {
    if (isBusy.current) return;
    isBusy.current = true;
    trouble.value = '';
    try {
      const [problem] = problemsOf(await act(DiscardDraft, { input: { id: draft.id } }));
      if (problem && problem.code !== 'DRAFT_NOT_FOUND') trouble.value = problem.message;
      else { isOpen.value = false; onGone(); }
    } catch (error) { trouble.value = sentenceOf(error); }
    isBusy.current = false;
  };
  const open = () => { isOpen.value = true; };
  const close = () => { isOpen.value = false; };
  const words = isSmall ? html`${t('filing.discard-short')}<span class="unseen"> ${subject}</span>` : t('filing.discard');
  return html`<button type="button" class="link" onClick=${open}>${words}</button>
    <${Dialog} isOpen=${isOpen.value} title=${t('filing.discard.title')} onClose=${close}>
      <p>${t('filing.discard.what')}</p>
      ${trouble.value && html`<p class="problem" role="alert">${trouble.value}</p>`}
      <div class="buttons">
        <button type="button" class="danger" onClick=${discard}>${t('filing.discard.yes')}</button>
        <button type="button" onClick=${close}>${t('filing.discard.no')}</button>
      </div></${Dialog}>`;
}

/** Below each step: on, back, what is saved, the way out. */
export function Foot({ draft, back, children }) {
  const onGone = () => { draft.end(); go('/presentar?descartado'); };
  return html`<div class="buttons">
      ${children}
      ${back && html`<a href=${addressOf(draft.id, back)}>${t(`filing.back.${back}`)}</a>`}
      <${Saved} draft=${draft} />
    </div>
    <p class="way-out"><${Discard} draft=${draft} onGone=${onGone} /></p>`;
}
