/** What the pages use of preact 10. */
export type Child = object | string | number | boolean | null | undefined | Child[];
export function h(type: unknown, props: object | null, ...children: Child[]): object;
export function render(child: Child, parent: Element): void;
