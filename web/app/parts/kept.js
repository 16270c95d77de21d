// What is typed where the counter keeps no draft is kept by the browser until it is sent, for this person and this tab.
// @ts-check
import { effect, useEffect } from '../base.js';
import { person } from '../session.js';
import { useForm } from './basics.js';

const PREFIX = 'kept.';

/** @param {string} name */
const keyOf = (name) => `${PREFIX}${person.value?.id}.${name}`;

/** @param {string} key */
function recall(key) { try { return JSON.parse(sessionStorage.getItem(key) ?? '{}'); } catch { return {}; } }

/**
 * A form whose values are there again after a reload, or after signing in anew.
 * @param {string} name of what is typed, as `update.MPD-…`
 * @param {Record<string, any>} initial
 * @returns {{form: import('./basics.js').Form, forget: () => void}}
 */
export function useKeptForm(name, initial) {
  const key = keyOf(name);
  const form = useForm({ ...initial, ...recall(key) });
  useEffect(() => effect(() => {
    const values = JSON.stringify(form.values.value);
    if (values === JSON.stringify(initial)) forget(key);
    else try { sessionStorage.setItem(key, values); } catch { /* a browser that keeps nothing loses it with the page */ }
  }), [key]);
  return { form, forget: () => forget(key) };
}

/** @param {string} key */
function forget(key) { try { sessionStorage.removeItem(key); } catch { /* nothing was kept */ } }

/** Whoever signs out leaves nothing behind; whose session ended finds it again. */
let owner = person.value?.id;
person.subscribe((somebody) => {
  if (owner && somebody?.id !== owner) forgetAll(owner);
  owner = somebody?.id ?? null;
});

/** @param {string} whose */
function forgetAll(whose) {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(`${PREFIX}${whose}.`)) sessionStorage.removeItem(key);
  } catch { /* nothing was kept */ }
}
