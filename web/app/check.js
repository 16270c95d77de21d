// The security check's proof of work (ALTCHA, version 2). WebCrypto works beside the page: no worker, no third party.
// @ts-check
import { ask, inHex, ofHex } from './api.js';
import { SecurityCheck } from './session.gen.js';

const MOST = 1_000_000;
const TOLD_EVERY = 4;

/** @param {(tried: number) => void} onProgress @returns {Promise<string | null>} the proof; null where none is asked for */
export async function prove(onProgress) {
  const { securityCheck } = await ask(SecurityCheck, {});
  if (!securityCheck.isRequired) return null;
  const challenge = JSON.parse(securityCheck.challenge);
  const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  const password = new Uint8Array(nonce.length / 2 + 4);
  password.set(ofHex(nonce));
  const view = new DataView(password.buffer);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: ofHex(salt), iterations: cost };
  for (let counter = 0; counter < MOST; counter++) {
    view.setUint32(nonce.length / 2, counter);
    const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
    const derivedKey = inHex(await crypto.subtle.deriveBits(how, key, keyLength * 8));
    if (derivedKey.startsWith(keyPrefix)) return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
    if (counter % TOLD_EVERY === 0) onProgress(counter);
  }
  throw new Error('no solution');
}
