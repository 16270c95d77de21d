// Second step of a filing: its files, one by one.
// @ts-check
import { html, useEffect } from '../base.js';
import { ask, SignedOut } from '../api.js';
import { FileLimits, ReviewFiling } from '../api.gen.js';
import { FormBox, sentenceOf, Submit, useForm } from '../parts/basics.js';
import { addressOf, Foot, Step, stepOf } from '../parts/filing.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { Slots } from '../parts/slot.js';
import { go, parameter } from '../router.js';
import { t } from '../texts.js';

export default function FilingFilesPage({ id }) {
  return html`<${Step} id=${id} step="archivos">${(draft) => html`<${Page} draft=${draft} />`}</${Step}>`;
}

function Page({ draft }) {
  const limits = useLoaded(FileLimits, {});
  return html`<${Loaded} loaded=${limits}>${(data) => html`<${Attaching} draft=${draft} limits=${data.fileLimits} />`}</${Loaded}>`;
}

function Attaching({ draft, limits }) {
  const form = useForm({});
  const wanted = parameter('campo');
  useEffect(() => { if (wanted) document.getElementById(wanted)?.focus(); }, []);
  const next = () => check(draft, form).then((isRight) => { if (isRight) go(addressOf(draft.id, 'revisar')); });
  return html`<h1>${t('filing.archivos.title')}</h1>
    <p class="lead">${t('filing.archivos.lead')}</p>
    <${FormBox} form=${form} title=${t('filing.archivos.title')} narrow=${false} onSubmit=${next}>
      <${Slots} files=${draft.files} limits=${limits} problems=${form.problems.value} />
      <${Foot} draft=${draft} back="datos"><${Submit} form=${form}>${t(wanted ? 'filing.to-review' : 'filing.next')}</${Submit}></${Foot}>
    </${FormBox}>`;
}

/** Ask the counter what is wrong with the files; a refused one is not there for it, and must not be forgotten by itself. */
async function check(draft, form) {
  if (form.isBusy.value) return false;
  form.isBusy.value = true;
  try {
    const [{ reviewFiling: review }] = await Promise.all([ask(ReviewFiling, { form: draft.input() }), draft.save()]);
    const refused = draft.files.refused().map(({ field, name }) => ({ field, message: t('files.left-out', { name }) }));
    const problems = review.problems.map(({ message, path }) => ({ message, field: draft.files.fieldOf(path.slice(1)) }));
    const ours = problems.filter((each) => stepOf(each.field) === 'archivos' && !refused.some(({ field }) => field === each.field));
    form.problems.value = [...refused, ...ours];
  } catch (error) {
    form.tell([{ field: '', message: sentenceOf(error) }], error instanceof SignedOut);
  } finally {
    form.isBusy.value = false;
  }
  return !form.problems.value.length && draft.status.value !== 'changed';
}
