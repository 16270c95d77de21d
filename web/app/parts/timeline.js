// What happened to a trámite, and whether it is told as it happens.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { follow } from '../live.js';
import { hasEnded } from '../session.js';
import { dateTime, t } from '../texts.js';
import { whenHere } from './presence.js';

/** @typedef {import('../live.js').Filter} Filter */

/**
 * Follow status changes while the page is shown, from a cursor on.
 * @param {{filter: Filter, after: string | null, onChange: (change: any) => void, onCaughtUp?: () => void}} wish
 *   `onCaughtUp` is called when the line is there again after it was lost
 * @returns {boolean | null} whether it is followed now; null at the beginning
 */
export function useLive({ filter, after, onChange, onCaughtUp }) {
  const isLive = useSignal(/** @type {boolean | null} */ (null));
  const heard = useRef({ onChange, onCaughtUp });
  heard.current = { onChange, onCaughtUp };
  const key = JSON.stringify(filter);
  useEffect(() => {
    if (hasEnded.value) return undefined;  // It begins again when one has signed in anew.
    let isFollowed = true;
    const later = (/** @type {() => void} */ deed) => whenHere(() => { if (isFollowed) deed(); });
    const stop = follow({
      filter,
      after,
      onChange: (change) => later(() => heard.current.onChange(change)),
      onLive: (now) => {
        const isBack = now && isLive.value === false;
        isLive.value = now;
        if (isBack) later(() => heard.current.onCaughtUp?.());
      },
    });
    return () => { isFollowed = false; stop(); };
  }, [key, hasEnded.value]);
  return isLive.value;
}

/** Whether changes are shown as they happen. */
export function LiveMark({ isLive }) {
  const state = hasEnded.value ? 'ended' : isLive === null ? 'wait' : isLive ? 'yes' : 'no';
  return html`<span class=${`live ${state}`} role="status">${t(`live.${state}`)}</span>`;
}

const ofAct = (/** @type {string} */ act) => t(`act.${act}`);
const ofRole = (/** @type {string} */ role) => t(`role.${role}`);

/** The latest first: what was done, when, by whom. @param {{history: any[]}} props oldest first, as the API tells it */
export function Timeline({ history }) {
  return html`<ol class="timeline" reversed>${[...history].reverse().map((entry) => html`<li key=${entry.sequence}>
    <strong>${ofAct(entry.act)}</strong>
    <span class="when"><time datetime=${entry.at}>${dateTime(entry.at)}</time> · ${ofRole(entry.actorRole)}</span>
    ${entry.text && html`<p>${entry.text}</p>`}
  </li>`)}</ol>`;
}
