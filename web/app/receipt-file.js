// What this machine can tell of a file by itself: its SHA-256, and the verification code that a receipt carries.
// @ts-check
const LARGEST_RECEIPT = 8 * 2 ** 20;
const LONGEST_STREAM = 64 * 2 ** 10, MOST_STREAMS = 300;
export const LARGEST_FILE = 2 ** 30;

/** @param {Blob} file */
export async function digestOf(file) {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * A receipt has its facts with it, as JSON in a packed stream of the PDF. A browser that cannot unpack finds nothing.
 * @param {Blob} file @returns {Promise<string | null>}
 */
export async function codeIn(file) {
  if (!('DecompressionStream' in globalThis) || file.size > LARGEST_RECEIPT) return null;
  const bytes = await file.arrayBuffer();
  const text = new TextDecoder('latin1').decode(bytes);
  let tried = 0;
  for (const found of text.matchAll(/\/Length (\d{1,6})\b(?:(?!endobj)[^]){0,400}?stream\r?\n/g)) {
    const begin = found.index + found[0].length, length = Number(found[1]);
    if (length > LONGEST_STREAM || ++tried > MOST_STREAMS) continue;
    const [, code] = /"verification_code":\s*"([0-9A-Z-]{16,24})"/.exec(await unpacked(bytes.slice(begin, begin + length))) ?? [];
    if (code) return code;
  }
  return null;
}

/** @param {ArrayBuffer} packed @returns {Promise<string>} empty for what is not packed so */
async function unpacked(packed) {
  try {
    return await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'))).text();
  } catch { return ''; }
}
