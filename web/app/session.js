// Who is signed in, and until when. A session ends by itself when nobody uses it; that is told before.
// @ts-check
import { computed, signal } from './base.js';
import { act, ask, told } from './api.js';
import { Greeting, SignOut } from './api.gen.js';
import { address, go } from './router.js';

/** What every page may say of the counter: `institution`, `offices` with their hours, `identityKinds`. */
export const counter = signal(/** @type {any} */ (null));
/** undefined: not asked yet; null: nobody. */
export const person = signal(/** @type {any} */ (undefined));
/** The password was right, the code of the second factor is still missing. */
export const awaitsSecondFactor = signal(false);
/** The session has ended under an open page; the page stays as it is until one signs in again. */
export const hasEnded = signal(false);
export const isStaff = computed(() => Boolean(person.value && person.value.role !== 'APPLICANT'));

/** Ask what the counter is and who is signed in; once for all pages. */
export async function greet() {
  const { me, awaitsSecondFactor: awaits, ...rest } = await ask(Greeting, {});
  counter.value = rest;
  awaitsSecondFactor.value = awaits;
  person.value = me;
}

/** @param {any} user */
export function welcome(user) {
  awaitsSecondFactor.value = false;
  hasEnded.value = false;
  person.value = user;
}

told.signedOut = () => { if (person.value) hasEnded.value = true; };

export async function leave() {
  await act(SignOut, {});
  person.value = null;
  awaitsSecondFactor.value = false;
  hasEnded.value = false;
  go('/');
}

/** Where a role begins. @param {string} role */
export const homeOf = (role) => ({ APPLICANT: '/tramites', CLERK: '/bandeja', SUPERVISOR: '/bandeja', ADMINISTRATOR: '/sedes', AUDITOR: '/auditoria' }[role] ?? '/');

/** The address of the sign-in page that leads back to this one. */
export const signInAddress = () => `/ingresar?volver=${encodeURIComponent(address.value)}`;

/** Only an address of ours is gone back to. @param {string | null} to */
export const isOurAddress = (to) => Boolean(to && /^\/(?![/\\])/.test(to));
