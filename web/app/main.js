// The table of pages, and the frame around all of them.
// @ts-check
import { effect, html, render, signal, useEffect, useState } from './base.js';
import { told } from './api.js';
import { Troubled } from './parts/basics.js';
import { address, arrive, awaited, follow, go, match, parameter } from './router.js';
import { awaitsSecondFactor, counter, greet, leave, mustEnrol, person, signInAddress } from './session.js';
import { awaitsTranslator, language, speak, speakAsBefore, t } from './texts.js';

/** Every page: its address, whom it is for, its module. The counter reads this table too: each row is one line. */
const PAGES = /** @type {[string, string, () => Promise<any>][]} */ ([
  ['/', 'anyone', () => import('./pages/start.js')],
  // account
  ['/ingresar', 'anyone', () => import('./pages/sign-in.js')],
  ['/ingresar/codigo', 'anyone', () => import('./pages/second-factor.js')],
  ['/registro', 'anyone', () => import('./pages/register.js')],
  ['/registro/codigo', 'anyone', () => import('./pages/verify.js')],
  ['/recuperar', 'anyone', () => import('./pages/recover.js')],
  ['/recuperar/codigo', 'anyone', () => import('./pages/reset.js')],
  ['/recuperar/datos', 'anyone', () => import('./pages/recover-by-data.js')],
  ['/suplantacion', 'anyone', () => import('./pages/claim.js')],
  ['/invitacion', 'signed-in', () => import('./pages/invitation.js')],
  ['/cuenta', 'signed-in', () => import('./pages/account.js')],
  // public
  ['/consulta', 'anyone', () => import('./pages/status.js')],
  ['/verificacion', 'anyone', () => import('./pages/verification.js')],
  ['/horario', 'anyone', () => import('./pages/hours.js')],
  ['/privacidad', 'anyone', () => import('./pages/privacy.js')],
  ['/accesibilidad', 'anyone', () => import('./pages/accessibility.js')],
  ['/codigo', 'anyone', () => import('./pages/source.js')],
  // filing
  ['/presentar', 'signed-in', () => import('./pages/filing-begin.js')],
  ['/presentar/:id/datos', 'signed-in', () => import('./pages/filing-data.js')],
  ['/presentar/:id/archivos', 'signed-in', () => import('./pages/filing-files.js')],
  ['/presentar/:id/revisar', 'signed-in', () => import('./pages/filing-review.js')],
  // tramites
  ['/tramites', 'APPLICANT', () => import('./pages/tramites.js')],
  ['/tramites/:number', 'signed-in', () => import('./pages/tramite.js')],
  ['/tramites/:number/actualizar', 'APPLICANT', () => import('./pages/tramite-update.js')],
  ['/tramites/:number/corregir', 'APPLICANT', () => import('./pages/tramite-correct.js')],
  ['/incorporar/:token', 'signed-in', () => import('./pages/tramite-claim.js')],
  // desk
  ['/bandeja', 'CLERK SUPERVISOR', () => import('./desk/inbox.js')],
  ['/bandeja/:number', 'CLERK SUPERVISOR', () => import('./desk/inbox.js')],
  // mail
  ['/correo', 'CLERK SUPERVISOR', () => import('./desk/mails.js')],
  ['/correo/:id', 'CLERK SUPERVISOR', () => import('./desk/mail.js')],
  ['/tareas', 'CLERK SUPERVISOR', () => import('./desk/tasks.js')],
  // reports
  ['/reportes', 'SUPERVISOR AUDITOR', () => import('./desk/reports.js')],
  // administration
  ['/plantillas', 'CLERK SUPERVISOR AUDITOR', () => import('./desk/templates.js')],
  ['/identidades', 'CLERK SUPERVISOR AUDITOR', () => import('./desk/identities.js')],
  ['/personal', 'ADMINISTRATOR AUDITOR', () => import('./desk/staff.js')],
  ['/sedes', 'ADMINISTRATOR AUDITOR', () => import('./desk/offices.js')],
  ['/calendario', 'ADMINISTRATOR AUDITOR', () => import('./desk/calendar.js')],
  ['/reglas', 'ADMINISTRATOR AUDITOR', () => import('./desk/policies.js')],
  ['/conservacion', 'ADMINISTRATOR AUDITOR', () => import('./desk/retention.js')],
  ['/programas', 'ADMINISTRATOR AUDITOR', () => import('./desk/programs.js')],
  // audit
  ['/auditoria', 'AUDITOR', () => import('./desk/register.js')],
  ['/auditoria/lecturas', 'AUDITOR', () => import('./desk/reads.js')],
  ['/auditoria/sellos', 'AUDITOR', () => import('./desk/heads.js')],
]);

/** The pages of a role, in the order of its menu. */
const MENUS = {
  APPLICANT: ['/tramites', '/presentar', '/cuenta'],
  CLERK: ['/bandeja', '/correo', '/tareas', '/identidades', '/cuenta'],
  SUPERVISOR: ['/bandeja', '/correo', '/tareas', '/reportes', '/plantillas', '/identidades', '/cuenta'],
  ADMINISTRATOR: ['/sedes', '/calendario', '/reglas', '/personal', '/programas', '/conservacion', '/cuenta'],
  AUDITOR: ['/auditoria', '/auditoria/lecturas', '/auditoria/sellos', '/reportes', '/cuenta'],
};
const NOBODY = ['/ingresar', '/consulta', '/verificacion'];

function Frame({ isWide, children }) {
  return html`<a class="skip" href="#main">${t('frame.skip')}</a>
    <${Header} isWide=${isWide} />
    <main id="main" class=${isWide ? 'wide' : 'column'}>
      ${Ending.value && html`<${Ending.value} />`}
      ${parameter('sesion') === 'cerrada' && !person.value && html`<${Left} />`}
      ${children}
    </main>
    ${!isWide && (shown.value || trouble.value) && html`<${Footer} />`}`;  // Not where the page will push it away.
}

function Header({ isWide }) {
  const [isOpen, open] = useState(false);
  const path = address.value.split('?')[0];
  useEffect(() => open(false), [path]);
  const links = person.value ? MENUS[person.value.role] ?? [] : NOBODY;
  const here = links.filter((to) => path === to || path.startsWith(`${to}/`)).pop();
  const current = path === here ? 'page' : 'true';
  return html`<header class="header"><div class=${`${isWide ? 'wide' : 'column'} ${isOpen ? 'opened' : ''}`}>
    <a class="brand" href="/">
      <span class="seal" aria-hidden="true"></span><span>${t('site.name')}<small>${counter.value?.institution.name ?? ''}</small></span></a>
    <button type="button" class="menu-button" aria-expanded=${isOpen} aria-controls="menu" onClick=${() => open(!isOpen)}>${t('frame.menu')}</button>
    <nav id="menu" aria-label=${t('frame.menu')} class=${isOpen ? 'open' : ''}><ul>
      ${links.map((to) => html`<li key=${to}><a href=${to} aria-current=${to === here ? current : undefined}>${t(`menu.${to}`)}</a></li>`)}
      ${person.value && html`<li><button type="button" class="link" onClick=${leave}>${t('frame.sign-out')}</button></li>`}
    </ul></nav>
  </div></header>`;
}

function Footer() {
  return html`<footer class="footer"><div class="column">
    <ul>
      <li><a href="/horario">${t('menu./horario')}</a></li>
      <li><a href="/privacidad">${t('menu./privacidad')}</a></li>
      <li><a href="/accesibilidad">${t('menu./accesibilidad')}</a></li>
      <li><a href="/codigo">${t('menu./codigo')}</a></li>
    </ul>
    <${Language} />
  </div></footer>`;
}

function Language() {
  const choose = (event) => speak(event.target.value).catch(() => { event.target.value = language.value; });
  return html`<div class="language"><label>${t('frame.language')}${' '}
      <select value=${language.value} onChange=${choose}>
        <option value="es-PE" lang="es">Español</option><option value="qu-PE" lang="qu">Runasimi</option>
      </select></label>
    <p role="status" lang="es-PE">${awaitsTranslator.value && t('frame.language.awaits')}</p></div>`;
}

/** What tells of a session's end comes as soon as there is a session, while there is a line. */
const Ending = signal(/** @type {any} */ (null));
effect(() => { if (person.value) import('./parts/session-end.js').then((module) => { Ending.value = module.SessionEnd; }, () => {}); });

function Left() {
  return html`<div class="notice good" role="status"><p>${t('session.left')}</p></div>`;
}

/** The counter was updated since the page was opened. */
function Gone() {
  return html`<div class="notice" role="alert"><p><strong>${t('outdated.title')}</strong> ${t('outdated.what')}</p>
    <p><button type="button" onClick=${() => location.reload()}>${t('outdated.reload')}</button></p></div>`;
}

function NotHere() {
  useEffect(() => arrive(t('not-here.title')), []);
  return html`<h1>${t('not-here.title')}</h1><p>${t('not-here.what')}</p><p><a href="/">${t('not-here.start')}</a></p>`;
}

const shown = signal(/** @type {{Page: any, parts: Record<string, string>, key: string, isWide?: boolean} | null} */ (null));
const trouble = signal(/** @type {unknown} */ (null));
const isOutdated = signal(false);

told.outdated = () => { isOutdated.value = true; };
follow((path) => PAGES.some(([pattern]) => match(pattern, path)));

/** Whom a page is for, and what is shown to others instead. */
function elsewhere(/** @type {string} */ audience) {
  if (audience === 'anyone') return null;
  if (awaitsSecondFactor.value) return '/ingresar/codigo';
  if (!person.value) return signInAddress();
  if (mustEnrol.value && audience.split(' ').includes(person.value.appointedRole)) return '/ingresar/codigo';
  if (audience === 'signed-in' || audience.split(' ').includes(person.value.role)) return null;
  return 'not-here';
}

async function show(/** @type {string} */ to) {
  const path = to.split('?')[0];
  const [route, parts] = PAGES.map((each) => /** @type {const} */ ([each, match(each[0], path)])).find(([, found]) => found) ?? [];
  trouble.value = null;
  try {
    const page = route?.[2]();  // The module comes while one is greeted.
    if (person.value === undefined) await greet();
    const other = route && elsewhere(route[1]);
    if (other?.startsWith('/')) { go(other, { replace: true }); return; }
    const module = route && !other ? await page : null;
    await Promise.all(awaited);
    if (address.value !== to) return;  // One has gone on meanwhile.
    const key = module?.keepsItself ? module.default.name : path;  // Such a page goes from one of its addresses to another.
    shown.value = module ? { Page: module.default, parts: parts ?? {}, key, isWide: module.isWide } : { Page: NotHere, parts: {}, key };
  } catch (error) {
    trouble.value = error;
  }
}

function App() {
  const to = address.value;
  useEffect(() => { show(to); }, [to]);
  const { Page, parts, key, isWide } = shown.value ?? {};
  return html`<${Frame} isWide=${isWide}>
    ${isOutdated.value && html`<${Gone} />`}
    ${trouble.value ? html`<${Troubled} error=${trouble.value} onAgain=${() => show(to)} />` : Page && html`<${Page} ...${parts} key=${key} />`}
  </${Frame}>`;
}

speakAsBefore();
render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById('app')));
