// How the hour of sending counts, what is taken of files, quotas and terms; who changed what.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { Administration, AdministrationChanges, PolicyVersions } from '../api.gen.js';
import { Facts } from '../parts/basics.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { person } from '../session.js';
import { dateTime, has, number, shortDay, t } from '../texts.js';
import { Unfolded } from './changing.js';
import { Pages, useOutcome, usePages } from './pages.js';
import { ChangeDating, ChangePart, Dating } from './policy-forms.js';

export default function PoliciesPage() {
  const loaded = useLoaded(Administration, {});
  useEffect(() => arrive(t('policy.title')), []);
  return html`<h1>${t('policy.title')}</h1><p class="lead">${t('policy.lead')}</p>
    <${Loaded} loaded=${loaded}>${({ administration }) => html`<${Policies} administration=${administration} again=${loaded.again} />`}</${Loaded}>`;
}

const kindsOf = (/** @type {string[]} */ kinds) => kinds.map((each) => each.toUpperCase()).join(', ');

const Findings = ({ findings }) => html`<ul class="plain findings">${findings.map((each) => html`<li key=${each}>${t(`finding.${each}`)}</li>`)}</ul>`;

/** The parts of the counter's policy, each changed by itself. @param {any} policy @returns {Record<string, [name: string, value: any][]>} */
const partsOf = ({ files, ...policy }) => ({
  files: [
    ['mainKinds', kindsOf(files.mainKinds)],
    ['annexKinds', kindsOf(files.annexKinds)],
    ['mainMaxMb', number(files.mainMaxMb)],
    ['firstAnnexMaxMb', number(files.firstAnnexMaxMb)],
    ['otherAnnexMaxMb', number(files.otherAnnexMaxMb)],
    ['maxAnnexes', number(files.maxAnnexes)],
  ],
  findings: [['refusedFindings', html`<${Findings} findings=${files.refusedFindings} />`]],
  quotas: [
    ['uploadsEach', number(policy.uploadsEach)],
    ['unfiledMbEach', number(policy.unfiledMbEach)],
    ['draftsEach', number(policy.draftsEach)],
    ['draftDays', t('policy.days', { count: policy.draftDays })],
  ],
  correction: [
    ['correctionWorkingDays', t('policy.working-days', { count: policy.correctionWorkingDays })],
    ['correctionKeepsDate', t(policy.correctionKeepsDate ? 'yes' : 'no')],
  ],
});

function Policies({ administration, again }) {
  const { filingPolicies, policy, policyVersion, calendarVersion } = administration;
  const asked = useSignal('');
  const { say, outcome } = useOutcome();
  const close = () => { asked.value = ''; };
  const done = async () => { close(); await again(); say(t('policy.done')); };
  const manages = person.value.role === 'ADMINISTRATOR';
  const change = (/** @type {string} */ what) => manages && html`<p>
    <button type="button" onClick=${() => { asked.value = what; }}>${t('change')}<span class="unseen">: ${t(`policy.${what}`)}</span></button></p>`;
  const common = { onStale: again, onDone: done, onClose: close };
  const versions = `${policyVersion} ${calendarVersion}`;
  return html`${outcome}
    <section aria-labelledby="dating"><h2 id="dating">${t('policy.dating')}</h2><${Dating} policies=${filingPolicies} />${change('dating')}</section>
    ${Object.entries(partsOf(policy)).map(([part, rows]) => html`<section key=${part} aria-labelledby=${part}>
      <h2 id=${part}>${t(`policy.${part}`)}</h2><p class="hint">${t(`policy.${part}.what`)}</p>
      <${Facts} rows=${rows.map(([name, value]) => [t(`policy.of.${name}`), value])} />${change(part)}</section>`)}
    <section aria-labelledby="made"><h2 id="made">${t('policy.history')}</h2>
      <${Unfolded} title=${t('policy.versions')}>${() => html`<${Versions} key=${versions} />`}</${Unfolded}>
      <${Unfolded} title=${t('policy.changes')}>${() => html`<${Changes} key=${versions} />`}</${Unfolded}></section>
    ${asked.value === 'dating' && html`<${ChangeDating} policies=${filingPolicies} version=${calendarVersion} ...${common} />`}
    ${asked.value && asked.value !== 'dating' && html`<${ChangePart} part=${asked.value} policy=${policy} version=${policyVersion} ...${common} />`}`;
}

/** By its name in the register or in the API. @param {string} kept */
function nameOf(kept) {
  const name = kept.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
  return t([`detail.${kept}`, `policy.of.${name}`].find(has) ?? 'detail.other');
}

/** A value as the register keeps it, in words where there are some: an instant, a list, several values by their names. @param {any} value */
function inWords(value) {
  if (value === null) return t('detail.none');
  if (Array.isArray(value)) return value.map(inWords).join(', ');
  if (typeof value === 'object') return Object.entries(value).map(([name, one]) => `${nameOf(name)}: ${inWords(one)}`).join(' · ');
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return dateTime(value);
  for (const key of [`detail.value.${value}`, `finding.${value}`, `program.scope.${value}`]) if (has(key)) return t(key);
  // Days stand in what was written as well.
  return String(value).replace(/\b\d{4}-\d\d-\d\d\b/g, shortDay);
}

/** Lists and what has parts come as JSON. @param {string} value */
function parsed(value) {
  try { return /^[[{]/.test(value) || ['true', 'false', 'null'].includes(value) ? JSON.parse(value) : value; } catch { return value; }
}

const Details = ({ details }) => html`<ul class="plain details">
  ${details.map(({ name, value }) => html`<li key=${name}>${nameOf(name)}: ${inWords(parsed(value))}</li>`)}</ul>`;

function Versions() {
  const pages = usePages(PolicyVersions, 'policyVersions', {});
  return html`<${Pages} pages=${pages} none=${t('policy.versions.none')}>${(nodes) => html`<ul class="rows">
    ${nodes.map((each) => html`<li key=${each.version}><div>
      <strong>${t('policy.version', each)}</strong>
      <p class="hint">${t('policy.version.when', { made: dateTime(each.madeAt), from: dateTime(each.fromAt) })}</p>
      <${Details} details=${each.changes} />
    </div></li>`)}</ul>`}</${Pages}>`;
}

function Changes() {
  const pages = usePages(AdministrationChanges, 'administrationChanges', {});
  return html`<${Pages} pages=${pages} none=${t('policy.changes.none')}>${(nodes) => html`<ul class="rows">
    ${nodes.map((each, at) => html`<li key=${at}><div>
      <strong>${t(`change.act.${each.act}`)}</strong>
      <p class="hint">${each.author?.fullName ?? t('policy.changes.machine')} · ${dateTime(each.at)}</p>
      <${Details} details=${each.details} />
    </div></li>`)}</ul>`}</${Pages}>`;
}
