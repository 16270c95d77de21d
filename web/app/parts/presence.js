// Whether somebody is at this screen. Nothing is asked by itself for who is away: the session must be able to end.
// @ts-check

const AWAY_MS = 300_000;

let stirred = Date.now();
/** @type {(() => void)[]} */ let waiting = [];

export const isAway = () => Date.now() - stirred > AWAY_MS;

/** Do something now, or as soon as somebody is there again. @param {() => void} deed */
export function whenHere(deed) {
  if (isAway()) waiting.push(deed); else deed();
}

function stir() {
  stirred = Date.now();
  if (!waiting.length) return;
  const deeds = waiting;
  waiting = [];
  for (const deed of deeds) deed();
}

for (const each of ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart']) addEventListener(each, stir, { passive: true, capture: true });
