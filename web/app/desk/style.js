// The style of the desk's pages, loaded with the first of them; nothing of them is shown without it.
// @ts-check
import { awaited } from '../router.js';
import { addTexts } from '../texts.js';
import texts from '../../texts/es-PE.desk.js';
import tramiteTexts from '../../texts/es-PE.tramites.js';

addTexts(tramiteTexts);
addTexts(texts);

const link = document.createElement('link');
link.rel = 'stylesheet';
link.href = new URL('../../css/desk.css', import.meta.url).href;

// Until the style is there, or cannot be had: the pages work without it.
awaited.add(new Promise((settle) => {
  link.onload = link.onerror = settle;
  document.head.append(link);
}));
