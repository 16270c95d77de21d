// A hash chain, recomputed where it is read: whoever looks need not believe the counter.
// @ts-check
import { inHex, ofHex } from '../api.js';

const encoder = new TextEncoder();


/** SHA-256 over the hash before, the sequence in 8 bytes and the record in UTF-8. @param {any} link */
async function hashOf({ previousHash, sequence, record }) {
  const place = new Uint8Array(8);
  const view = new DataView(place.buffer), large = BigInt(sequence);  // In halves: setBigUint64() is younger than browsers may be.
  view.setUint32(0, Number(large >> 32n));
  view.setUint32(4, Number(large & 0xffffffffn));
  const parts = [ofHex(previousHash), place, encoder.encode(record)];
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return inHex(await crypto.subtle.digest('SHA-256', all));
}

/**
 * What does not fit: links whose hash is another, or that do not go on from their neighbour. `skipped` cannot be computed.
 * @param {any[]} links in any order, perhaps with gaps
 * @returns {Promise<{right: number, wrong: string[], skipped: number}>}
 */
export async function check(links) {
  const found = { right: 0, wrong: /** @type {string[]} */ ([]), skipped: 0 };
  const bySequence = new Map(links.map((link) => [BigInt(link.sequence), link]));
  for (const link of links) {
    const before = bySequence.get(BigInt(link.sequence) - 1n);
    const fits = !before || before.hash === link.previousHash;
    if (link.record === null && fits) found.skipped += 1;
    else if (fits && await hashOf(link) === link.hash) found.right += 1;
    else found.wrong.push(link.sequence);
  }
  return found;
}

/** What stands as the hash before the first link, of each chain. */
const BEFORE = { acts: 'mesa de partes digital', reads: 'mesa de partes digital: reads' };

/**
 * A whole chain, followed from its beginning: nothing may be missing between one link and the next.
 * @param {keyof typeof BEFORE} which
 */
export async function beginning(which) {
  const hash = inHex(await crypto.subtle.digest('SHA-256', encoder.encode(BEFORE[which])));
  return { sequence: 0n, hash, right: 0, skipped: 0, wrong: /** @type {string[]} */ ([]) };
}

/** Goes on with the next links, in order. @param {Awaited<ReturnType<typeof beginning>>} so @param {any[]} links */
export async function goOn(so, links) {
  for (const link of links) {
    const fits = BigInt(link.sequence) === so.sequence + 1n && link.previousHash === so.hash;
    if (link.record === null && fits) so.skipped += 1;
    else if (fits && await hashOf(link) === link.hash) so.right += 1;
    else so.wrong.push(link.sequence);
    so.sequence = BigInt(link.sequence);
    so.hash = link.hash;
  }
}
