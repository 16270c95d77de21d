// The security check: a box that proves work instead of asking for a puzzle, or six digits to be read or heard.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { ask } from '../api.js';
import { SecurityCode } from '../session.gen.js';
import { number, t } from '../texts.js';

/**
 * Puts `proof` into the form's values. A proof is good once: after a refusal a new one is made by itself. Whoever sends
 * without having ticked the box, or while it is still at work, waits for the proof and need not come back.
 */
export function Security({ form }) {
  const { state, tried, begin, giveUp } = useProof(form);
  if (state === 'code') return html`<${Code} form=${form} />`;
  const problem = form.problem('proof');
  const message = state === 'empty' ? problem?.message : undefined;
  const press = (event) => {
    if (state !== 'done') event.preventDefault();  // It is marked when the proof is there.
    if (state === 'empty' || state === 'failed') begin();
  };
  return html`<div class=${`security ${state}${problem ? ' wrong' : ''}`}>
    <input type="checkbox" id="proof" checked=${state === 'done'} aria-describedby="proof-state" onClick=${press} />
    <label for="proof">${t('security.label')}</label>
    <p id="proof-state" class=${message ? 'problem' : 'hint'} role="status">${message ?? t(`security.${state}`, { tried: number(tried) })}</p>
    <p class="other"><button type="button" class="link" onClick=${giveUp}>${t('security.by-code')}</button></p>
  </div>`;
}

/** The work: `begin()` it, or `giveUp()` and be asked for a code instead. */
function useProof(form) {
  // A page that did not come by HTTPS has no WebCrypto, and cannot prove.
  const state = useSignal(/** @type {'empty' | 'proving' | 'done' | 'failed' | 'code'} */ (globalThis.crypto?.subtle ? 'empty' : 'code'));
  const tried = useSignal(0);
  const round = useRef(0);
  const atWork = useRef(/** @type {Promise<void>} */ (Promise.resolve()));
  const begin = () => { atWork.current = work(); return atWork.current; };
  const work = async () => {
    const mine = ++round.current;
    state.value = 'proving';
    try {
      const { prove } = await import('../check.js');
      const proof = await prove((count) => { tried.value = count; });
      if (mine !== round.current) return;
      form.set('proof', proof);
      state.value = 'done';
    } catch {
      if (mine === round.current) state.value = 'failed';
    }
  };
  const giveUp = () => { round.current++; state.value = 'code'; };
  useEffect(() => {
    // Then the code, a part of this one, was here first and has seen to it.
    if (state.value === 'code') return undefined;
    form.onRefused = () => { if (state.value !== 'code') begin(); };
    form.beforeSending = () => (state.value === 'empty' || state.value === 'failed' ? begin() : atWork.current);
    return () => { form.beforeSending = null; };
  }, []);
  return { state: state.value, tried: tried.value, begin, giveUp };
}

/** Six digits. */
function Code({ form }) {
  const code = useSignal(/** @type {any} */ (null));
  const another = async () => {
    code.value = null;
    form.set('digits', '');
    code.value = (await ask(SecurityCode, {}).catch(() => ({ securityCode: {} }))).securityCode;
  };
  useEffect(() => { form.onRefused = another; form.beforeSending = null; another(); }, []);
  const take = (event) => {
    form.set('digits', event.target.value);
    form.set('proof', event.target.value ? `${code.value?.token}.${event.target.value}` : null);
  };
  const problem = form.problem('proof');
  return html`<div class=${`security code${problem ? ' wrong' : ''}`}>
    <label for="proof">${t('security.code')}</label>
    ${problem && html`<p class="problem" id="proof-problem">${problem.message}</p>`}
    ${code.value?.picture ? html`<${SeenAndHeard} code=${code.value} />` : html`<p role="status">${t(code.value ? 'security.failed' : 'wait')}</p>`}
    <input id="proof" class="short" inputmode="numeric" autocomplete="off" maxlength="7"
      value=${form.values.value.digits ?? ''} onInput=${take} aria-describedby=${problem ? 'proof-problem' : undefined} />
    <button type="button" class="link" onClick=${another}>${t('security.another')}</button>
  </div>`;
}

const SeenAndHeard = ({ code: { picture, sound } }) => html`<img src=${`data:image/png;base64,${picture}`} alt=${t('security.picture')} />
  <audio controls preload="none" src=${`data:audio/wav;base64,${sound}`} aria-label=${t('security.sound')}></audio>`;
