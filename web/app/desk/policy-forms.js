// The changes of the filing policy and of each part of the counter's policy.
// @ts-check
import { html } from '../base.js';
import { ChangeCounterPolicy, ChangeFilingPolicy } from '../api.gen.js';
import { Facts, TextField } from '../parts/basics.js';
import { CheckField, ChecksField, RadioField } from '../parts/choices.js';
import { day, t } from '../texts.js';
import { Change, dayFromNow } from './changing.js';

/** What can be found of a file and be a reason not to take it. */
const FINDINGS = ['DAMAGED', 'EMPTY', 'ENCRYPTED', 'RESTRICTED', 'OTHER_KIND', 'DISGUISED', 'BOMB', 'TOO_COMPLEX', 'TOO_MANY_PAGES', 'HUGE_PICTURE',
  'JAVASCRIPT', 'LAUNCH', 'AUTOMATIC_ACTION', 'EXTERNAL_CONTENT',
  'MULTIMEDIA', 'EMBEDDED_FILES', 'FORM', 'DYNAMIC_FORM', 'MACROS', 'DATA_EXCHANGE', 'EMBEDDED_OBJECTS', 'CONTROLS', 'TOO_MANY_MEMBERS', 'OVERLAPPING',
    'NESTED_ARCHIVE', 'ESCAPING_NAME', 'LINK', 'PROGRAM',
  'PART_OF_SEVERAL', 'MALWARE'];
/** The numbers of each part; their least and most the API knows, and the hints say. */
const NUMBERS = { files: ['mainMaxMb', 'firstAnnexMaxMb', 'otherAnnexMaxMb', 'maxAnnexes'], findings: [],
  quotas: ['uploadsEach', 'unfiledMbEach', 'draftsEach', 'draftDays'], correction: ['correctionWorkingDays'] };

/** The one in force, and those to come. */
export function Dating({ policies }) {
  const today = dayFromNow(0);
  const inForce = policies.find((each) => each.fromOn <= today);
  const words = (each) => html`<strong>${t(`policy.dating.${each.policy}`)}</strong> ${t(`policy.dating.${each.policy}.what`)}`;
  return html`${inForce && html`<p>${words(inForce)}</p>`}
    ${policies.filter((each) => each.fromOn > today).reverse().map((each) => html`<p class="notice" key=${each.fromOn}>
      ${t('policy.from', { day: day(each.fromOn) })} ${words(each)}</p>`)}`;
}

const From = ({ form, isOptional = false }) => html`<${TextField} form=${form} name="fromOn" label=${t('from-day')}
  hint=${t(isOptional ? 'policy.from-day.hint' : 'from-day.hint')} isOptional=${isOptional} type="date" class="short" min=${dayFromNow(1)} />`;

/** @param {any} props */
export function ChangeDating({ policies, ...common }) {
  const inForce = policies.find((each) => each.fromOn <= dayFromNow(0))?.policy ?? 'B';
  return html`<${Change} ...${common} name="policy.dating" title=${t('policy.dating')} what=${t('policy.dating.change')}
    initial=${{ policy: inForce, fromOn: dayFromNow(1) }} now=${html`<${Dating} policies=${policies} />`}
    operation=${ChangeFilingPolicy} days=${() => ['fromOn']} input=${({ policy, fromOn }) => ({ policy, fromOn })} button=${t('change.save')}>${(form) => html`
      <${RadioField} form=${form} name="policy" label=${t('policy.dating.choose')}
        choices=${['A', 'B'].map((each) => [each, t(`policy.dating.${each}`), t(`policy.dating.${each}.what`)])} /><${From} form=${form} />`}</${Change}>`;
}

/** What of the policy a part holds, as its form does. @param {string} part @param {any} policy */
function valuesOf(part, { files, ...policy }) {
  const numbers = Object.fromEntries(NUMBERS[/** @type {keyof typeof NUMBERS} */ (part)].map((name) => [name, String(files[name] ?? policy[name])]));
  if (part === 'files') return { annexKinds: files.annexKinds.join(' '), ...numbers };
  if (part === 'findings') return { refusedFindings: FINDINGS.filter((each) => files.refusedFindings.includes(each)) };
  if (part === 'correction') return { ...numbers, correctionKeepsDate: policy.correctionKeepsDate };
  return numbers;
}

/**
 * Only what was changed is sent: the rest may be decided otherwise from a later day on.
 * @param {Record<string, any>} before
 * @param {Record<string, any>} values
 */
function changesOf(before, values) {
  const changed = Object.keys(before).filter((name) => JSON.stringify(values[name]) !== JSON.stringify(before[name]));
  const asSent = (/** @type {string} */ name) => {
    if (name === 'annexKinds') return values[name].split(/[\s,.]+/).filter(Boolean);
    return typeof before[name] === 'string' ? Number(values[name]) : values[name];
  };
  return { ...Object.fromEntries(changed.map((name) => [name, asSent(name)])), ...(values.fromOn && { fromOn: values.fromOn }) };
}

/** @param {string | boolean | string[]} value of a field of the form */
function inWords(value) {
  if (Array.isArray(value)) return value.map((each) => t(`finding.${each}`)).join(', ');
  return typeof value === 'boolean' ? t(value ? 'yes' : 'no') : value;
}

/** @param {any} props */
export function ChangePart({ part, policy, ...common }) {
  const before = valuesOf(part, policy);
  const numbers = NUMBERS[/** @type {keyof typeof NUMBERS} */ (part)];
  const now = html`<${Facts} rows=${Object.entries(before).map(([name, value]) => [t(`policy.of.${name}`), inWords(value)])} />`;
  return html`<${Change} ...${common} name=${`policy.${part}`} title=${t(`policy.${part}`)} what=${t(`policy.${part}.what`)}
    initial=${{ ...before, fromOn: '' }} now=${now} operation=${ChangeCounterPolicy}
    input=${(values) => changesOf(before, values)} button=${t('change.save')}>${(form) => html`
      ${part === 'files' && html`<${TextField} form=${form} name="annexKinds" label=${t('policy.of.annexKinds')} hint=${t('policy.annexKinds.hint')}
        autocapitalize="off" spellcheck=${false} />`}
      ${part === 'findings' && html`<${ChecksField} form=${form} name="refusedFindings" label=${t('policy.of.refusedFindings')}
        hint=${t('policy.findings.hint')} choices=${FINDINGS.map((each) => [each, t(`finding.${each}`)])} />`}
      ${numbers.map((name) => html`<${TextField} key=${name} form=${form} name=${name} label=${t(`policy.of.${name}`)} hint=${t(`policy.${name}.hint`)}
        type="number" class="short" inputmode="numeric" />`)}
      ${part === 'correction' && html`<${CheckField} form=${form} name="correctionKeepsDate" label=${t('policy.of.correctionKeepsDate')}
        hint=${t('policy.correctionKeepsDate.hint')} />`}
      <${From} form=${form} isOptional />`}</${Change}>`;
}
