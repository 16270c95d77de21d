// Status changes as they happen: one socket for the page, each listener from its own last cursor, opened again by itself.
// It is there only while somebody follows and the page is seen; what happened meanwhile is told when it is opened again.
// @ts-check
import { told } from './api.js';
import { StatusChanges } from './api.gen.js';

/** @typedef {{number?: string, officeCode?: string, statuses?: string[]}} Filter */
/**
 * @typedef {object} Listener
 * @property {string | null} after the last cursor that was dealt with; null: from now on
 * @property {Filter} filter
 * @property {(change: any) => void} onChange
 * @property {(isLive: boolean) => void} [onLive] told when all that had happened was told, and when the line is lost
 */

const PROTOCOL = 'graphql-transport-ws';
const FIRST_WAIT_MS = 500, LONGEST_WAIT_MS = 30_000;
const PING_MS = 20_000, PONG_MS = 10_000, UNSEEN_MS = 30_000;
const NOBODY_CODES = [4401, 4403];
const NOBODY = ['NOT_SIGNED_IN', 'SESSION_ENDED'];
const UNKNOWN_CURSOR = 'UNKNOWN_CURSOR';

let count = 0;
let wait = FIRST_WAIT_MS;
let isReady = false;
/** @type {WebSocket | null} */ let socket = null;
/** @typedef {ReturnType<typeof setTimeout> | undefined} Timer */
/** @type {Timer} */ let retry;
/** @type {Timer} */ let beat;
/** @type {Timer} */ let unseen;
/** @type {Map<string, Listener>} */ const listeners = new Map();

/** @param {object} message */
function say(message) { socket?.send(JSON.stringify(message)); }

/** @param {string} id */
function subscribe(id) {
  const listener = listeners.get(id);
  if (!listener || !isReady) return;
  const { after, filter } = listener;
  say({ id, type: 'subscribe', payload: { documentId: StatusChanges.id, variables: { after, filter } } });
}

function open() {
  clearTimeout(retry);
  if (socket || !listeners.size || document.hidden) return;
  try {
    socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/graphql`, PROTOCOL);
  } catch { lost(); return; }  // An old browser, at another address than the public one.
  socket.onopen = () => say({ type: 'connection_init' });
  socket.onmessage = ({ data }) => { expectLife(PING_MS, ping); hear(JSON.parse(data)); };
  socket.onclose = ({ code }) => lost(code);
  expectLife(LONGEST_WAIT_MS, () => lost());
}

/** A line that died without a word is found out by asking. @param {number} ms @param {() => void} then */
function expectLife(ms, then) {
  clearTimeout(beat);
  beat = setTimeout(then, ms);
}

function ping() {
  say({ type: 'ping' });
  expectLife(PONG_MS, () => lost());
}

/** @param {{type: string, id: string, payload: any}} message */
function hear({ type, id, payload }) {
  const listener = listeners.get(id);
  if (type === 'connection_ack') {
    isReady = true;
    for (const each of listeners.keys()) subscribe(each);
  } else if (type === 'ping') say({ type: 'pong' });
  else if (!listener) return;
  else if (type === 'error' || payload?.errors) failed(listener, (payload.errors ?? payload)[0]?.extensions?.code);
  else if (type === 'next') take(listener, payload.data.statusChanges);
  else if (type === 'complete') lost();
}

/** @param {Listener} listener @param {{cursor: string, change: any}} event */
function take(listener, { cursor, change }) {
  wait = FIRST_WAIT_MS;
  if (change) listener.onChange(change);
  else listener.onLive?.(true);  // All that had happened was told.
  listener.after = cursor;  // Only after its change was dealt with.
}

/** @param {Listener} listener @param {string | undefined} code */
function failed(listener, code) {
  if (code === UNKNOWN_CURSOR) listener.after = null;
  lost(NOBODY.includes(code ?? '') ? NOBODY_CODES[0] : undefined);
}

/** The line is lost, or given up: it is opened again after a while, unless nobody is signed in. @param {number} [code] */
function lost(code) {
  hangUp();
  for (const each of listeners.values()) each.onLive?.(false);
  if (NOBODY_CODES.includes(code ?? 0)) { told.signedOut(); return; }
  retry = setTimeout(open, wait * (0.5 + Math.random()));
  wait = Math.min(wait * 2, LONGEST_WAIT_MS);
}

function hangUp() {
  clearTimeout(retry);
  clearTimeout(beat);
  if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
  socket?.close(1000);
  socket = null;
  isReady = false;
}

function openNow() {
  wait = FIRST_WAIT_MS;
  open();
}

addEventListener('online', openNow);
addEventListener('offline', () => { if (socket) lost(); });
addEventListener('pagehide', hangUp);
addEventListener('pageshow', openNow);
document.addEventListener('visibilitychange', () => {
  clearTimeout(unseen);
  if (document.hidden) unseen = setTimeout(hangUp, UNSEEN_MS);
  else openNow();
});

/**
 * Follow what happens from a cursor on; without one, from now on.
 * @param {Listener} listener
 * @returns {() => void} stops it
 */
export function follow(listener) {
  const id = String(++count);
  listeners.set(id, listener);
  open();
  subscribe(id);
  return () => {
    listeners.delete(id);
    if (!listeners.size) hangUp();
    else if (isReady) say({ id, type: 'complete' });
  };
}
