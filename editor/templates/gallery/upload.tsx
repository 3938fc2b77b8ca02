/** Bringing a `.cwt` file to this shop, by choice or by drop: it is checked whole, and a refusal says why. */
import { Alert, Button, CloseButton } from '@mantine/core'
import { FileUp, LoaderCircle } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { type TemplateDetail, uploadTemplate } from '../../../server/api/templates/index.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { call } from '../../shared/api.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { errorWords, useTemplatesText } from '../words.ts'

export type UploadState = { is: 'idle' } | { is: 'checking'; name: string } | { is: 'refused'; name: string; error: unknown }

export function useUpload(onTaken: (template: TemplateDetail) => void): { state: UploadState; take: (files: FileList | null) => void; dismiss: () => void } {
  const text = useTemplatesText()
  const [state, setState] = useState<UploadState>({ is: 'idle' })
  const take = (files: FileList | null) => {
    const [file] = files ?? []
    if (!file || state.is === 'checking') return
    if ((files?.length ?? 0) > 1) {
      setState({ is: 'refused', name: file.name, error: new Error(text.oneFile) })
      return
    }
    setState({ is: 'checking', name: file.name })
    call(uploadTemplate, { body: file }).then(
      (template) => {
        setState({ is: 'idle' })
        onTaken(template)
      },
      (error: unknown) => setState({ is: 'refused', name: file.name, error }),
    )
  }
  return { state, take, dismiss: () => setState({ is: 'idle' }) }
}

export function UploadButton({ take }: { take: (files: FileList | null) => void }) {
  const text = useTemplatesText()
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button variant="default" leftSection={<FileUp size={16} aria-hidden />} onClick={() => input.current?.click()} data-testid="template-upload">
        {text.upload}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".cwt"
        hidden
        onChange={(event) => {
          take(event.currentTarget.files)
          // the same file may be chosen again
          event.currentTarget.value = ''
        }}
        data-testid="template-file"
      />
    </>
  )
}

export function UploadOutcome({ state, onDismiss }: { state: UploadState; onDismiss: () => void }) {
  const text = useTemplatesText()
  const common = useCommonText()
  const language = useLanguage()
  const findings = useFindingText()
  switch (state.is) {
    case 'idle':
      return null
    case 'checking':
      return (
        <p className="templates-checking" role="status">
          <LoaderCircle size={16} aria-hidden className="templates-turns" /> {text.uploading(state.name)}
        </p>
      )
    case 'refused':
      return (
        <Alert color="red" className="templates-refused" role="alert" data-testid="upload-refused">
          <strong>{text.uploadRefused(state.name)}</strong>
          <p>{errorWords(state.error, language, findings)}</p>
          <CloseButton className="templates-refused-close" onClick={onDismiss} aria-label={common.close} />
        </Alert>
      )
    default:
      return state satisfies never
  }
}

/** Takes files that are dropped anywhere on it. */
export function DropZone({ take, isOn, children }: { take: (files: FileList | null) => void; isOn: boolean; children: ReactNode }) {
  const text = useTemplatesText()
  const [depth, setDepth] = useState(0)
  // a file that misses would otherwise take the page's place in the window
  useEffect(() => {
    const stay = (event: Event) => event.preventDefault()
    addEventListener('dragover', stay)
    addEventListener('drop', stay)
    return () => {
      removeEventListener('dragover', stay)
      removeEventListener('drop', stay)
    }
  }, [])
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button beside it does the same for everybody
    <div
      className="templates-page"
      onDragEnter={(event) => isOn && event.dataTransfer.types.includes('Files') && setDepth((before) => before + 1)}
      onDragLeave={() => setDepth((before) => Math.max(0, before - 1))}
      onDrop={(event) => {
        setDepth(0)
        if (isOn) take(event.dataTransfer.files)
      }}
    >
      {children}
      {depth > 0 && (
        <div className="templates-drop" aria-hidden>
          <FileUp size={40} />
          <strong>{text.drop}</strong>
        </div>
      )}
    </div>
  )
}
