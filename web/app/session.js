// Who is signed in, and until when. A session ends by itself when nobody uses it; that is told before.
// @ts-check
import { computed, signal } from './base.js';
import { act, ask, greeting, SignedOut, told } from './api.js';
import { Greeting, Sessions, SignOut } from './session.gen.js';
import { address, load } from './router.js';
import { keepLanguage } from './texts.js';

/** What every page may say of the counter: `institution`, `offices` with their hours, `identityKinds`. */
export const counter = signal(/** @type {any} */ (null));
/** undefined: not asked yet; null: nobody. */
export const person = signal(/** @type {any} */ (undefined));
/** The password was right, the code of the second factor is still missing. */
export const awaitsSecondFactor = signal(false);
/** The session has ended under an open page; the page stays as it is until one signs in again. */
export const hasEnded = signal(false);
/** Something was sent after the end: it is asked for the password at once, over whatever is shown. */
export const asksToSignIn = signal(false);
/** Signing out did not reach the counter: the session goes on. */
export const couldNotLeave = signal(false);
/** Whose account the next page is about, and where they wanted to be: carried in memory, never in an address. */
export const carried = signal(/** @type {{identityKind: any, identityNumber: string, email?: string, back?: string | null} | null} */ (null));
/** When the session ends if nothing is done, by this device's clock in milliseconds; 0 while nobody knows. */
export const endsAt = signal(0);
export const isStaff = computed(() => Boolean(person.value && person.value.role !== 'APPLICANT'));
/** Staff without a second factor are citizens to the counter until they have one. */
export const mustEnrol = computed(() => Boolean(person.value?.secondFactor.isRequired && !person.value.secondFactor.isEnrolled));

let early = /** @type {typeof greeting | null} */ (greeting);

/** Ask what the counter is and who is signed in; once for all pages. */
export async function greet() {
  const asked = early ?? ask(Greeting, {});
  early = null;
  const { me, awaitsSecondFactor: awaits, ...rest } = await asked;
  counter.value = rest;
  awaitsSecondFactor.value = awaits;
  person.value = me;
  if (me) { keepOnlyOf(me.id); learnEnd(); }
}

/** Ask again what the counter is, after its offices were changed here; without a line, the next page load tells. */
export async function learnCounter() {
  try {
    const { me: _me, awaitsSecondFactor: _awaits, ...rest } = await ask(Greeting, {});
    counter.value = rest;
  } catch { /* as above */ }
}

/** @param {any} user */
export function welcome(user) {
  tell({ who: user.id, isNew: true });
  awaitsSecondFactor.value = false;
  // Nothing that the page still holds of another person is theirs.
  if (person.value && person.value.id !== user.id) { leaveFor(homeOf(user.role)); return; }
  keepOnlyOf(user.id);
  person.value = user;
  beginAnew();
}

/** Of a session that has just begun: the end of the one before says nothing of it. */
function beginAnew() {
  endsAt.value = 0;
  hasEnded.value = false;
  learnEnd();
}

const OWNER = 'owner';

/** What a window keeps of what was typed is its owner's: the next person's window begins empty, even after a reload. @param {string} id */
function keepOnlyOf(id) {
  try {
    if (sessionStorage.getItem(OWNER) !== id) sessionStorage.clear();
    sessionStorage.setItem(OWNER, id);
  } catch { /* nothing is kept */ }
}

told.signedOut = () => { if (person.value) hasEnded.value = true; };

/** Sign out. The page is loaded anew, here and in other windows, so that nothing of one's own is left on a computer that others use. */
export async function leave() {
  couldNotLeave.value = false;
  try {
    // Of a session that has ended there is only the page to be left.
    await act(SignOut, {}).catch((error) => { if (!(error instanceof SignedOut)) throw error; });
    keepLanguage();  // All that the browser kept for these pages went with the session.
    tell({ left: true });
    leaveFor(LEFT);
  } catch { couldNotLeave.value = true; }
}

const LEFT = '/?sesion=cerrada';

/** Load another page, with nothing kept of what one typed. @param {string} to */
function leaveFor(to) {
  dispatchEvent(new Event('signed-out'));
  try { sessionStorage.clear(); } catch { /* nothing was kept */ }
  load(to);
}

// A browser keeps a page as it was, for its «back»: what it showed may be no longer for who is there by then.
addEventListener('pagehide', ({ persisted }) => { if (persisted && person.value) document.documentElement.hidden = true; });
addEventListener('pageshow', ({ persisted }) => { if (persisted && person.value) location.reload(); });

// The counter writes down that a session is used once in a minute; from there it counts, and no session outlives its longest.
const NOTED_MS = 60_000;
const life = { lastSeen: 0, idle: 0, longest: 0 };
/** How far the counter's clock is ahead of this device's, which may be wrong by hours. */
let ahead = 0;

told.used = (sentAt, date) => {
  if (date) ahead = Date.parse(date) - sentAt;
  if (!person.value || !life.longest || hasEnded.value || sentAt - life.lastSeen < NOTED_MS) return;
  life.lastSeen = sentAt;
  reckon();
  tell({ who: person.value.id, ends: endsAt.value, seen: sentAt });
};

function reckon() { endsAt.value = Math.min(life.longest, life.lastSeen + life.idle); }

/** Ask until when the session lasts, which also makes it last longer. */
export async function learnEnd() {
  try {
    const { sessions } = await ask(Sessions, {});
    const mine = sessions.find((each) => each.isCurrent);
    if (!mine) return;
    const here = (/** @type {string} */ instant) => Date.parse(instant) - ahead;
    life.longest = here(mine.expiresAt);
    life.lastSeen = mine.lastSeenAt ? here(mine.lastSeenAt) : Date.now();
    life.idle = mine.idleSeconds === null ? Infinity : mine.idleSeconds * 1000;
    reckon();
    tell({ who: person.value?.id, ends: endsAt.value, seen: life.lastSeen });
  } catch { /* the next answer tells that nobody is signed in; without a line nothing can be known */ }
}

// What other windows of this browser must know: that the session was used, that somebody signed in or out. Nothing is kept.
const CHANNEL = 'session';

/** @param {{who?: string, ends?: number, seen?: number, isNew?: boolean, left?: boolean}} news */
function tell(news) {
  try {
    localStorage.setItem(CHANNEL, JSON.stringify(news));
    localStorage.removeItem(CHANNEL);
  } catch { /* each window knows of itself only */ }
}

addEventListener('storage', ({ key, newValue }) => {
  if (key !== CHANNEL || !newValue) return;
  const news = JSON.parse(newValue);
  if (!person.value) return;
  if (news.left) { leaveFor(LEFT); return; }
  // Another person's session is in the cookie now: nothing on this page is theirs.
  if (news.who !== person.value.id) { leaveFor('/'); return; }
  if (news.isNew) beginAnew();
  life.lastSeen = Math.max(life.lastSeen, news.seen ?? 0);
  endsAt.value = Math.max(endsAt.value, news.ends ?? 0);
});

/** Where a role begins. @param {string} role */
export const homeOf = (role) => HOMES[/** @type {keyof typeof HOMES} */ (role)] ?? '/';
const HOMES = { APPLICANT: '/tramites', CLERK: '/bandeja', SUPERVISOR: '/bandeja', ADMINISTRATOR: '/sedes', AUDITOR: '/auditoria' };

/** An address on the way to where one wanted to be. @param {string} to @param {string | null | undefined} back */
export const onTheWay = (to, back) => (back ? `${to}?volver=${encodeURIComponent(back)}` : to);

/** The address of the sign-in page that leads back to this one. */
export const signInAddress = () => onTheWay('/ingresar', address.value);

/** Only an address of ours is gone back to; a browser leaves out tabs and line ends of what it is given. @param {string | null} to */
export const isOurAddress = (to) => Boolean(to && /^\/(?![/\\])[^\0-\x1f]*$/.test(to));
