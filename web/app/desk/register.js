// The register of acts.
// @ts-check
import { html } from '../base.js';
import { Chain } from './audit.js';

export const isWide = true;
export default function RegisterPage() { return html`<${Chain} which="acts" />`; }
