// Keys that do something while nobody types: WCAG 2.1.4 lets them be turned off, which is kept for this browser.
// @ts-check
import { signal, useEffect, useRef } from '../base.js';

const KEPT = 'desk.keys';
const TYPING = 'input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable]';

/** What each key does, as its dialog and the accessibility statement tell it: `keys.…` of the texts. */
export const KEYS = [['j', 'next'], ['k', 'previous'], ['t', 'take'], ['r', 'receive'], ['d', 'refer'], ['o', 'observe'], ['a', 'resolve'], ['n', 'note'],
  ['h', 'page-before'], ['l', 'page-after'], ['/', 'search'], ['?', 'keys'], ['Esc', 'back']];

function kept() {
  try { return localStorage.getItem(KEPT) !== 'off'; } catch { return true; }
}
export const areOn = signal(kept());

export function turn(/** @type {boolean} */ on) {
  areOn.value = on;
  try { localStorage.setItem(KEPT, on ? 'on' : 'off'); } catch { /* it holds until the page is left */ }
}

/** @param {Record<string, () => void>} deeds by key @param {boolean} isActive not while a dialog is open */
export function useKeys(deeds, isActive) {
  const now = useRef({ deeds, isActive });
  now.current = { deeds, isActive };
  useEffect(() => {
    const press = (/** @type {KeyboardEvent} */ event) => {
      const at = /** @type {HTMLElement} */ (event.target);
      if (!areOn.value || !now.current.isActive || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (at.closest('dialog')) return;
      if (at.matches(TYPING)) { if (event.key === 'Escape') at.blur(); return; }
      const deed = now.current.deeds[event.key];
      if (!deed) return;
      event.preventDefault();
      deed();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
