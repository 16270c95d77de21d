// What is fetched beside the API: files, for which the counter asks for a header that a link cannot send.
// @ts-check
import { Failed, HEADERS, told, Unreachable, within } from './api.js';
import { t } from './texts.js';

const PATIENCE_MS = 60_000;
const KEPT_MS = 60_000;

/**
 * A file of the counter, under its name.
 * @param {string} address  as the API tells it
 * @returns {Promise<File>}
 */
export async function fetched(address) {
  const { pathname, search } = new URL(address, location.origin);
  const sentAt = Date.now();
  let response;
  try {
    response = await fetch(pathname + search, { headers: HEADERS, credentials: 'same-origin', signal: within(PATIENCE_MS) });
    if (response.ok) {
      told.used(sentAt, response.headers.get('date'));
      const bytes = await response.blob();
      return new File([bytes], nameIn(response), { type: bytes.type });
    }
  } catch (error) { throw new Unreachable('unreachable', { cause: error }); }
  if (response.status === 401) told.signedOut();
  const said = await response.json().catch(() => ({ message: t('trouble.page.what') }));
  throw new Failed(said.message, said.code);
}

/** The name under which a file is to be saved (RFC 6266). @param {Response} response */
function nameIn(response) {
  const [, name] = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '') ?? [];
  return name ? decodeURIComponent(name) : '';
}

/** Save what is at an address. @param {string} href @param {string} name */
export function saveFrom(href, name) {
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

/** @param {File} file */
export function save(file) {
  const address = URL.createObjectURL(file);
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
  saveFrom(address, file.name);
}
