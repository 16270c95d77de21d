// What is asked over a page, in the browser's own dialog.
// @ts-check
import { html, useEffect, useId, useRef } from '../base.js';

/** Browsers of before 2022 know none: there it lies over the page all the same, but the page below can be reached. */
const areKnown = 'showModal' in (globalThis.HTMLDialogElement?.prototype ?? {});

/** It keeps the focus, closes with Escape and gives the focus back. */
export function Dialog({ isOpen, title, onClose, role = 'dialog', children }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  const isShown = useRef(false);
  useEffect(() => {
    isShown.current = isOpen;
    if (!areKnown) return isOpen ? lendFocus(/** @type {HTMLElement} */ (box.current)) : undefined;
    if (isOpen && !box.current?.open) box.current?.showModal();
    if (!isOpen && box.current?.open) box.current?.close();
    return undefined;
  }, [isOpen]);
  // The browser tells a moment later that it closed: by then it may be open again.
  const closed = () => { if (isShown.current && !box.current?.open) onClose(); };
  const escape = (event) => { if (event.key === 'Escape') onClose(); };
  const plain = areKnown ? {} : { class: 'laid', open: isOpen, tabindex: -1, onKeyDown: escape };
  return html`<dialog ref=${box} role=${role} aria-labelledby=${id} onClose=${closed} ...${plain}>
    ${isOpen && html`<h2 id=${id}>${title}</h2>${children}`}
  </dialog>`;
}

/** @param {HTMLElement} box @returns {() => void} gives it back */
function lendFocus(box) {
  const before = document.activeElement;
  box.focus();
  return () => { if (before instanceof HTMLElement) before.focus(); };
}
