// Status changes as they happen: one socket for the page, each listener from its own last cursor, opened again by itself.
// @ts-check
import { told } from './api.js';
import { StatusChanges } from './api.gen.js';

/** @typedef {{number?: string, officeCode?: string, statuses?: string[]}} Filter */
/** @typedef {{after: string | null, filter: Filter, onChange: (change: any) => void, onLive?: (isLive: boolean) => void}} Listener */

const PROTOCOL = 'graphql-transport-ws';
const FIRST_WAIT_MS = 500, LONGEST_WAIT_MS = 30_000;
const NOBODY = [4401, 4403];

let count = 0;
let wait = FIRST_WAIT_MS;
let isReady = false;
/** @type {WebSocket | null} */ let socket = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */ let retry;
/** @type {Map<string, Listener>} */ const listeners = new Map();

/** @param {object} message */
function say(message) { socket?.send(JSON.stringify(message)); }

/** @param {string} id */
function subscribe(id) {
  const listener = listeners.get(id);
  if (!listener || !isReady) return;
  const { after, filter } = listener;
  say({ id, type: 'subscribe', payload: { documentId: StatusChanges.id, variables: { after, filter } } });
  listener.onLive?.(true);
}

function open() {
  clearTimeout(retry);
  if (socket || !listeners.size) return;
  socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/graphql`, PROTOCOL);
  socket.onopen = () => say({ type: 'connection_init' });
  socket.onmessage = ({ data }) => hear(JSON.parse(data));
  socket.onclose = ({ code }) => lost(code);
}

/** @param {{type: string, id: string, payload: any}} message */
function hear({ type, id, payload }) {
  const listener = listeners.get(id);
  if (type === 'connection_ack') {
    isReady = true;
    wait = FIRST_WAIT_MS;
    for (const each of listeners.keys()) subscribe(each);
  } else if (type === 'ping') say({ type: 'pong' });
  else if (type === 'next' && payload.data && listener) {
    const { cursor, change } = payload.data.statusChanges;
    if (change) listener.onChange(change);
    listener.after = cursor;  // Only after its change was dealt with.
  } else if (type === 'complete' || type === 'error') socket?.close();
}

/** @param {number} code */
function lost(code) {
  socket = null;
  isReady = false;
  for (const each of listeners.values()) each.onLive?.(false);
  if (NOBODY.includes(code)) { told.signedOut(); return; }
  retry = setTimeout(open, wait * (0.5 + Math.random()));
  wait = Math.min(wait * 2, LONGEST_WAIT_MS);
}

addEventListener('online', () => { wait = FIRST_WAIT_MS; open(); });

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
    if (isReady) say({ id, type: 'complete' });
    if (!listeners.size) hangUp();
  };
}

function hangUp() {
  clearTimeout(retry);
  if (socket) socket.onclose = null;
  socket?.close(1000);
  socket = null;
  isReady = false;
}
