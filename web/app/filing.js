// The sending of a draft, once, whatever becomes of the first answer.
// @ts-check
import { act } from './api.js';
import { FileTramite } from './api.gen.js';
import { person } from './session.js';

const KEPT = 'filing.';

/** @typedef {import('./draft.js').Draft} Draft */

/** File it, or ask again for the answer of the same filing. @param {Draft} draft @returns {Promise<any>} the payload */
export async function file(draft) {
  await draft.save();
  if (['changed', 'gone'].includes(draft.status.value)) return {};  // That is told, and something else than this would be filed.
  draft.isFiling = true;
  const input = /** @type {any} */ ({ ...draft.input(), clientKey: draft.filingKey, draftId: draft.id });
  keep(draft.id, { owner: person.value.id, input });
  const payload = /** @type {any} */ (await act(FileTramite, { input }));
  draft.isFiling = false;
  if (payload.__typename !== 'NotSignedIn') forget(draft.id);
  if (payload.tramite) draft.end();
  return payload;
}

/** The number of a trámite that this window made of a draft without having been told; null if it made none. @param {string} id */
export async function filedBefore(id) {
  const kept = keptOf(id);
  if (kept?.owner !== person.value.id) return null;
  const payload = /** @type {any} */ (await act(FileTramite, { input: kept.input }));
  forget(id);
  return payload.tramite?.number ?? null;
}

/** A draft that was being filed when the page was loaded anew is filed under the same key. @param {Draft} draft */
export function takeUp(draft) {
  const kept = keptOf(draft.id);
  if (kept?.owner === draft.owner) draft.filingKey = kept.input.clientKey;
}

/** @param {string} id */
function keptOf(id) { try { return JSON.parse(sessionStorage.getItem(KEPT + id) ?? 'null'); } catch { return null; } }
/** @param {string} id @param {object} what */
function keep(id, what) { try { sessionStorage.setItem(KEPT + id, JSON.stringify(what)); } catch { /* a browser that keeps nothing */ } }
/** @param {string} id */
function forget(id) { try { sessionStorage.removeItem(KEPT + id); } catch { /* nothing was kept */ } }
