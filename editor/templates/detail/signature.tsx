/** Who packed a template, as far as its seal says, and what that is worth. */
import { Button } from '@mantine/core'
import { ShieldAlert, ShieldCheck, ShieldQuestion } from 'lucide-react'
import type { TemplateSigner } from '../../../server/api/templates/index.ts'
import { type TemplatesText, useTemplatesText } from '../words.ts'

const ICONS = { product: ShieldCheck, ours: ShieldCheck, known: ShieldCheck, unknown: ShieldQuestion, unsigned: ShieldAlert } as const

function words(text: TemplatesText, { state, name = '' }: TemplateSigner): string {
  const said = text.signers[state]
  return typeof said === 'string' ? said : said(name)
}

/** @param props.onTrust says that somebody compared the fingerprint; offered where the key is not known */
export function Signature({ signer, onTrust }: { signer: TemplateSigner; onTrust?: () => void }) {
  const text = useTemplatesText()
  const Icon = ICONS[signer.state]
  return (
    <div className="templates-signature" data-state={signer.state} data-testid="signature">
      <Icon size={20} aria-hidden />
      <div>
        <strong>{words(text, signer)}</strong>
        <p>{text.signerHints[signer.state]}</p>
        {signer.fingerprint && (
          <p>
            {text.fingerprint}: <code>{signer.fingerprint}</code>
          </p>
        )}
        {signer.state === 'unknown' && onTrust && (
          <>
            <p>{text.trust.hint}</p>
            <Button variant="default" size="compact-sm" onClick={onTrust} data-testid="trust">
              {text.trust.yes}
            </Button>
          </>
        )}
      </div>
    </div>
  )
}
