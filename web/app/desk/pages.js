// Lists, a page at a time, from their beginning when something else is looked for.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { ask } from '../api.js';
import { sentenceOf, Waiting } from '../parts/basics.js';
import { NotHad } from '../parts/loaded.js';
import { More } from '../parts/more.js';

const FIRST = 20, MOST = 100;

/**
 * A list, a page at a time; from its beginning when `variables` change.
 * @param {import('../api.gen.d.ts').Operation<any, any>} operation
 * @param {string} root
 * @param {Record<string, any>} variables
 */
export function usePages(operation, root, variables) {
  const found = useSignal(/** @type {{nodes: any[], pageInfo: any, data: any} | null} */ (null));
  const trouble = useSignal('');
  const asked = useRef(0);
  const load = async (/** @type {string | null} */ after, first = FIRST) => {
    asked.current += 1;
    const turn = asked.current;
    try {
      const data = await ask(operation, { ...variables, first, after });
      if (turn !== asked.current) return;  // Something else was asked for meanwhile.
      const { edges, pageInfo } = data[root];
      found.value = { nodes: [...(after ? found.value?.nodes ?? [] : []), ...edges.map(({ node }) => node)], pageInfo, data };
      trouble.value = '';
    } catch (error) { if (turn === asked.current) trouble.value = sentenceOf(error); }
  };
  useEffect(() => { load(null); }, [JSON.stringify(variables)]);
  const again = () => load(null, Math.min(MOST, Math.max(FIRST, found.value?.nodes.length ?? 0)));
  const { nodes = null, pageInfo, data } = found.value ?? {};
  return { nodes, pageInfo, data, trouble: trouble.value, more: () => load(pageInfo.endCursor), again };
}

/** Draws `children(nodes)`, or why there are none. @param {any} props */
export function Pages({ pages, none, children }) {
  const { nodes, pageInfo, trouble, more, again } = pages;
  if (!nodes) return trouble ? html`<${NotHad} why=${trouble} onAgain=${again} />` : html`<${Waiting} />`;
  return html`${trouble && html`<${NotHad} why=${trouble} onAgain=${again} />`}
    ${nodes.length ? children(nodes) : html`<p role="status">${none}</p>`}
    <${More} pageInfo=${pageInfo} shown=${nodes.length} onMore=${more} />`;
}

/** A select of a filter above a list. @param {any} props */
export const Filter = ({ label, value, choices, onChange }) => html`<label>${label}
  <select value=${value} onChange=${(event) => onChange(event.target.value)}>
    ${choices.map(([each, words]) => html`<option value=${each} key=${each}>${words}</option>`)}
  </select></label>`;

/** What was done: told, and the focus put there, since the button that did it may be gone. */
export function useOutcome() {
  const words = useSignal('');
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const say = (/** @type {string} */ sentence) => {
    words.value = sentence;
    requestAnimationFrame(() => box.current?.focus());
  };
  return { say, outcome: html`<p ref=${box} role="status" tabindex="-1" class=${words.value ? 'notice good' : 'unseen'}>${words.value}</p>` };
}
