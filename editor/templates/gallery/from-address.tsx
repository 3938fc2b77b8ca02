/** A template from an https address: looked at first (what it is, who signed it, who sent it), then brought. */
import { Alert, Button, Modal, TextInput } from '@mantine/core'
import { Network } from 'lucide-react'
import { useState } from 'react'
import { fetchTemplate, type TemplateDetail, type TemplateLook } from '../../../server/api/templates/index.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { ApiError, call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { Signature } from '../detail/signature.tsx'
import { errorWords, useTemplatesText } from '../words.ts'

type Step =
  | { is: 'asking' }
  | { is: 'loading' }
  | { is: 'private'; host: string; address: string; isPlain: boolean }
  | { is: 'looking'; look: TemplateLook; evenPrivate: boolean }
  | { is: 'failed'; error: unknown }

export function FromAddress({ onBrought, onClose }: { onBrought: (template: TemplateDetail) => void; onClose: () => void }) {
  const text = useTemplatesText()
  const words = text.fromAddress
  const common = useCommonText()
  const language = useLanguage()
  const findings = useFindingText()
  const { me } = useMe()
  const [url, setUrl] = useState('')
  const [step, setStep] = useState<Step>({ is: 'asking' })
  const failed = (error: unknown) => {
    const { host, address, isPlain } =
      (error instanceof ApiError ? (error.details as { host?: string; address?: string; isPlain?: boolean } | undefined) : undefined) ?? {}
    if (error instanceof ApiError && error.code === 'template-private-address' && host && address)
      setStep({ is: 'private', host, address, isPlain: isPlain === true })
    else setStep({ is: 'failed', error })
  }
  const ask = (evenPrivate: boolean) => {
    setStep({ is: 'loading' })
    call(fetchTemplate, { body: { url: url.trim(), ...(evenPrivate ? { evenPrivate } : {}) } }).then(
      ({ look }) => setStep({ is: 'looking', look, evenPrivate }),
      failed,
    )
  }
  const bring = (look: TemplateLook, evenPrivate: boolean) => {
    setStep({ is: 'loading' })
    call(fetchTemplate, { body: { url: url.trim(), keep: look.sha256, ...(evenPrivate ? { evenPrivate } : {}) } }).then(
      ({ template }) => template && onBrought(template),
      failed,
    )
  }
  return (
    <Modal opened onClose={onClose} size="lg" title={words.title} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        className="templates-address"
        data-testid="address-dialog"
        onSubmit={(event) => {
          event.preventDefault()
          if (url.trim()) ask(false)
        }}
      >
        <TextInput
          label={words.address}
          description={words.hint}
          placeholder="https://"
          type="url"
          data-autofocus
          maxLength={2000}
          value={url}
          onChange={(event) => {
            setUrl(event.currentTarget.value)
            setStep({ is: 'asking' })
          }}
          data-testid="address"
        />
        {step.is === 'private' && (
          <Alert color="yellow" icon={<Network size={20} aria-hidden />} data-testid="address-private">
            <p>
              {words.isPrivate(step.host, step.address)}
              {step.isPlain && ` ${words.isPlain}`}
            </p>
            {may(me, 'flows.code') ? (
              <Button variant="default" onClick={() => ask(true)} data-testid="address-private-yes">
                {words.privateYes}
              </Button>
            ) : (
              <p>{words.privateMayNot}</p>
            )}
          </Alert>
        )}
        {step.is === 'failed' && (
          <p className="templates-problem" role="alert" data-testid="address-failed">
            {errorWords(step.error, language, findings)}
          </p>
        )}
        {step.is === 'looking' && <Look look={step.look} />}
        <div className="templates-actions">
          {step.is === 'looking' ? (
            <Button onClick={() => bring(step.look, step.evenPrivate)} disabled={step.look.isHere} data-testid="address-bring">
              {words.bring}
            </Button>
          ) : (
            <Button type="submit" loading={step.is === 'loading'} disabled={url.trim() === ''} data-testid="address-look">
              {words.look}
            </Button>
          )}
          <Button variant="default" onClick={onClose}>
            {words.close}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function Look({ look: { manifest, signer, sha256, bytes, files, isHere, from } }: { look: TemplateLook }) {
  const text = useTemplatesText()
  const words = text.fromAddress
  const language = useLanguage()
  const german = language === 'de' ? manifest.german : undefined
  return (
    <div className="templates-address-look" data-testid="address-found">
      <h3>
        {german?.name ?? manifest.name} {manifest.version}
      </h3>
      <p>{german?.summary ?? manifest.summary}</p>
      <p className="templates-dim">
        {text.by(manifest.author)} · {manifest.licence} · {text.files(files.length)}
      </p>
      <Signature signer={signer} />
      <p className="templates-dim">
        {words.from(from.host, from.address)}
        {from.isPrivate && ` · ${words.fromPrivate}`}
      </p>
      <p className="templates-dim">
        <code>{words.sum(sha256, formats(language).bytes(bytes))}</code>
      </p>
      {isHere && <p role="status">{words.isHere}</p>}
    </div>
  )
}
