// A session that is about to end, told five minutes before; and one that has ended under a page, which stays as it is.
// @ts-check
import { html, useEffect, useState } from '../base.js';
import { asksToSignIn, couldNotLeave, endsAt, hasEnded, learnEnd, leave, person, signInAddress } from '../session.js';
import { t } from '../texts.js';
import { Dialog } from './dialog.js';

const BEFORE_MS = 5 * 60_000;
const SECOND_MS = 1000;

/** How long the session still lasts, in milliseconds, from five minutes before its end on; null before that. */
function useTimeLeft() {
  const [now, look] = useState(Date.now());
  const end = endsAt.value;
  const left = end - now;
  useEffect(() => {
    if (!end || hasEnded.value) return undefined;
    const again = () => look(Date.now());
    const timer = setTimeout(again, left > BEFORE_MS ? Math.min(left - BEFORE_MS, 2 ** 31 - 1) : SECOND_MS);
    // A telephone that slept did not count.
    document.addEventListener('visibilitychange', again);
    return () => { clearTimeout(timer); document.removeEventListener('visibilitychange', again); };
  }, [end, now, hasEnded.value]);
  useEffect(() => { if (end && left <= 0) hasEnded.value = true; }, [end, left <= 0]);
  return end && left <= BEFORE_MS && !hasEnded.value ? left : null;
}

/** What is shown over or above any page of the session's end. */
export function SessionEnd() {
  const left = useTimeLeft();
  return html`<${Warning} left=${left} />
    ${couldNotLeave.value && html`<div class="notice" role="alert"><p>${t('session.not-left')}</p></div>`}
    ${hasEnded.value && html`<${Ended} />`}`;
}

function Warning({ left }) {
  const [isBusy, busy] = useState(false);
  const stay = async () => {
    if (isBusy) return;
    busy(true);
    await learnEnd();
    busy(false);
  };
  // Whatever closes the dialog, such as Escape, shows that somebody is there.
  return html`<${Dialog} role="alertdialog" isOpen=${left !== null} title=${t('session.ending.title')} onClose=${() => { if (left !== null) stay(); }}>
    <p>${t('session.ending.what')}</p>
    <p aria-live="polite"><strong>${t('session.ending.left', { count: Math.max(1, Math.ceil((left ?? 0) / 60_000)) })}</strong></p>
    <div class="buttons"><button type="button" class="primary" aria-disabled=${isBusy} onClick=${stay}>${t(isBusy ? 'wait' : 'session.stay')}</button>
      <button type="button" onClick=${leave}>${t('frame.sign-out')}</button></div>
  </${Dialog}>`;
}

/** Whoever signs in over a page goes on where they were in it. */
function useWayBack() {
  useEffect(() => {
    let last = document.activeElement;
    const note = ({ target }) => { if (target instanceof HTMLElement && target.closest('main')) last = target; };
    document.addEventListener('focusin', note);
    return () => {
      document.removeEventListener('focusin', note);
      setTimeout(() => { if (last instanceof HTMLElement && document.activeElement === document.body) last.focus(); });
    };
  }, []);
}

/** What one typed stays: one signs in over the page, or in another window. */
function Ended() {
  useWayBack();
  const [Form, show] = useState(/** @type {any} */ (null));
  const open = async () => {
    const module = await import('../pages/sign-in.js').catch(() => null);
    if (module) show(() => module.SignInAgain);
    else location.assign(signInAddress());
  };
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  };
  const close = () => {
    asksToSignIn.value = false;
    show(null);
  };
  // Below a dialog of the page, nobody could see or reach what is said here.
  useEffect(() => { if (asksToSignIn.value || document.querySelector('dialog[open]')) open(); }, [asksToSignIn.value]);
  return html`<div class="notice ended" role="alert"><p><strong>${t('session.ended')}</strong> ${t('session.ended.kept')}</p>
      <p><a class="button" href=${signInAddress()} onClick=${press}>${t('session.again')}</a></p></div>
    <${Dialog} isOpen=${Form !== null} title=${t('session.again.title', { name: person.value?.givenNames ?? '' })} onClose=${close}>
      <p>${t('session.again.why')}</p>${Form && html`<${Form} />`}</${Dialog}>`;
}
