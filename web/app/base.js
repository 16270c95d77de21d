// The only module that names the vendored libraries.
// @ts-check
import { h, render } from '../vendor/preact.js';
import { useEffect, useId, useRef, useState } from '../vendor/hooks.js';
import { computed, effect, signal, useSignal } from '../vendor/signals.js';
import htm from '../vendor/htm.js';

export const html = htm.bind(h);
export { computed, effect, render, signal, useEffect, useId, useRef, useSignal, useState };
