// The register of sensitive reads.
// @ts-check
import { html } from '../base.js';
import { Chain } from './audit.js';

export const isWide = true;
export default function ReadsPage() { return html`<${Chain} which="reads" />`; }
