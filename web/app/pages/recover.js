// A lost password: whose account, and by which means, as the manual has it.
// @ts-check
import { html, useEffect } from '../base.js';
import { RequestRecovery } from '../api.gen.js';
import { FormBox, IdentityFields, Submit, useForm } from '../parts/basics.js';
import { RadioField } from '../parts/choices.js';
import { identityOf } from '../parts/identity.js';
import { Security } from '../parts/security.js';
import { arrive, go, parameter } from '../router.js';
import { carried } from '../session.js';
import { addTexts, t } from '../texts.js';
import texts from '../../texts/es-PE.account.js';

addTexts(texts);

export default function RecoverPage() {
  const form = useForm({ identityKind: carried.value?.identityKind ?? 'DNI', identityNumber: carried.value?.identityNumber ?? '', means: 'mail', proof: null });
  useEffect(() => arrive(t('recover.title')), []);
  const { means, proof, ...rest } = form.values.value;
  const identity = /** @type {any} */ (identityOf(rest));
  const send = () => {
    if (means === 'data') {
      carried.value = { ...identity, back: parameter('volver') };
      go('/recuperar/datos');
      return;
    }
    form.send(RequestRecovery, { input: { ...identity, proof } }, () => {
      carried.value = { ...identity, back: parameter('volver') };
      go('/recuperar/codigo');
    });
  };
  return html`<h1>${t('recover.title')}</h1>
    <p class="lead">${t('recover.lead')}</p>
    <${FormBox} form=${form} title=${t('recover.title')} onSubmit=${send}>
      <${IdentityFields} form=${form} autocomplete="username" />
      <${RadioField} form=${form} name="means" label=${t('recover.means')}
        choices=${['mail', 'data'].map((each) => [each, t(`recover.${each}`), t(`recover.${each}.what`)])} />
      ${means === 'mail' && html`<${Security} form=${form} />`}
      <div class="buttons"><${Submit} form=${form}>${t('register.continue')}</${Submit}><a href="/ingresar">${t('recover.cancel')}</a></div>
    </${FormBox}>`;
}
