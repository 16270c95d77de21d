// What a page asks for when it is shown: waited for, drawn, or told that it could not be had.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { ask } from '../api.js';
import { t } from '../texts.js';
import { sentenceOf, Troubled, Waiting } from './basics.js';

/**
 * Ask when the page is shown, and again when one of `variables` changes or `again()` is called.
 * @template V, D
 * @param {import('../api.gen.d.ts').Operation<V, D>} operation
 * @param {V} variables
 * @returns {{data: D | null, error: (Error & {code?: string}) | null, again: () => Promise<void>, set: (data: D) => void}}
 */
export function useLoaded(operation, variables) {
  const data = useSignal(/** @type {D | null} */ (null));
  const error = useSignal(/** @type {any} */ (null));
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

/**
 * Draws `children(data)` once there is some; that it could not be asked for anew is told above it.
 * @param {{loaded: ReturnType<typeof useLoaded>, children: (data: any) => any}} props
 */
export function Loaded({ loaded, children }) {
  const { data, error, again } = loaded;
  if (data) return html`${error && html`<${NotHad} why=${sentenceOf(error)} onAgain=${again} />`}${children(data)}`;
  return error ? html`<${Troubled} error=${error} onAgain=${again} />` : html`<${Waiting} />`;
}

/** Beside what is shown: something could not be had, and may be asked for again. @param {{why: string, onAgain: () => void}} props */
export const NotHad = ({ why, onAgain }) => html`<div class="notice bad" role="alert">
  <p>${why}</p>
  <p><button type="button" onClick=${onAgain}>${t('trouble.again')}</button></p>
</div>`;
