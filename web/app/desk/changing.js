// What the administration's pages are made of: changes that name the version they were begun on.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { newKey } from '../api.js';
import { FormBox, Submit } from '../parts/basics.js';
import { Dialog } from '../parts/dialog.js';
import { useKeptForm } from '../parts/kept.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.administration.js';
import './style.js';

addTexts(texts);

/** Somebody else changed the same meanwhile. */
const STALE = ['VERSION_OUTDATED', 'TEMPLATE_CHANGED', 'RETENTION_CHANGED'];
const DAY_MS = 86_400_000;

/** A day of Lima, so many days from today, as YYYY-MM-DD. @param {number} days */
export const dayFromNow = (days) => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Lima' }).format(Date.now() + days * DAY_MS);

/**
 * A dialog with a change. It is kept by the browser until it is sent; when somebody was faster, that is told, the newer is loaded, and what was typed stays.
 * @param {{name: string, title: string, what?: any, initial: Record<string, any>, version?: number | string, now?: any, operation: any, input: (values:
 *   any) => any, hasKey?: boolean, days?: (values: any) => string[],
 *   button: string, isDanger?: boolean, onDone: (payload: any) => any, onStale?: () => Promise<void>, onClose: () => void, children?: (form: any) =>
 *   any}} props
 *   `days`: the fields that must hold a day, since the API takes none that is no day; `version`: of what is shown, sent as `expectedVersion`; `now`:
 *   what holds, told after a conflict
 */
export function Change(props) {
  return html`<${Dialog} isOpen=${true} title=${props.title} onClose=${props.onClose}><${ChangeForm} key=${props.name} ...${props} /></${Dialog}>`;
}

function ChangeForm({ name, what, initial, version, now, operation, input, hasKey = false, days, button, isDanger, onDone, onStale, onClose, children }) {
  const { form, forget } = useKeptForm(name, version === undefined ? initial : { ...initial, expectedVersion: version });
  const key = useRef(newKey());
  const isStale = useSignal(false);
  // The newer version may have come before this was told, or comes now.
  useEffect(() => { if (isStale.value) form.set('expectedVersion', version); }, [version, isStale.value]);
  const submit = async () => {
    const empty = (days?.(form.values.value) ?? []).filter((each) => !form.values.value[each]);
    if (empty.length) { form.problems.value = empty.map((field) => ({ field, message: t('change.day-missing') })); return; }
    const { expectedVersion } = form.values.value;
    const all = { ...input(form.values.value), ...(version !== undefined && { expectedVersion }), ...(hasKey && { clientKey: key.current }) };
    isStale.value = false;
    await form.send(operation, { input: all }, async (payload) => { forget(); await onDone(payload); });
    if (form.problems.value.some((each) => STALE.includes(each.code ?? ''))) {
      form.problems.value = [];
      isStale.value = true;
      await onStale?.();
    }
    // A problem of one of several choices is shown at the choices.
    form.problems.value = form.problems.value.map((each) => (document.getElementById(each.field) ? each
      : { ...each, field: each.field.replace(/\.\d+$/, '') }));
  };
  return html`${isStale.value && html`<${Stale} now=${now} />`}
    <${FormBox} form=${form} onSubmit=${submit} narrow=${false}>
      ${what && html`<p>${what}</p>`}
      ${children?.(form)}
      <div class="buttons">
        <${Submit} form=${form} isDanger=${isDanger}>${button}</${Submit}>
        <button type="button" onClick=${onClose}>${t('dialog.cancel')}</button>
      </div></${FormBox}>`;
}

/** Somebody was faster; takes the focus. */
function Stale({ now }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => box.current?.focus(), []);
  return html`<div ref=${box} tabindex="-1" class="notice" role="alert">
    <p><strong>${t('change.stale')}</strong></p>
    <p>${t('change.stale.what')}</p>
    ${now && html`<p>${t('change.stale.now')}</p>${now}`}
  </div>`;
}

/** What of a kind is hidden until one opens it, and asked for only then. @param {any} props */
export function Unfolded({ title, children }) {
  const isOpen = useSignal(false);
  return html`<details onToggle=${(event) => { isOpen.value = event.target.open; }}><summary>${title}</summary>${isOpen.value && children()}</details>`;
}
