/** What became of the files that were dropped: one line each, with progress or words. */
import { ActionIcon, Button } from '@mantine/core'
import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useProgramsText } from '../use-programs-text.ts'
import { MOST_BYTES, type Upload, type Uploads } from './uploads.ts'

export function UploadList({ uploads, list, onOpen }: { uploads: Uploads; list: readonly Upload[]; onOpen: (programId: string) => void }) {
  const text = useProgramsText().upload
  const format = formats(useLanguage())
  if (!list.length) return null
  const isWorking = list.some(({ state }) => state === 'waiting' || state === 'sending')
  return (
    <section className="p-uploads" aria-label={text.title} data-testid="uploads">
      <header>
        <h2>{text.title}</h2>
        {!isWorking && (
          <Button size="xs" variant="subtle" color="gray" onClick={() => uploads.clear()}>
            {text.clear}
          </Button>
        )}
      </header>
      <ul aria-live="polite">
        {list.map((upload) => (
          <li key={upload.id} data-state={upload.state}>
            {upload.state === 'done' && <CircleCheck size={18} aria-hidden />}
            {upload.state === 'refused' && <CircleAlert size={18} aria-hidden />}
            <strong>{upload.name}</strong>
            <small className="cw-numbers">{format.bytes(upload.bytes)}</small>
            {upload.state === 'waiting' && <span>{text.waiting}</span>}
            {upload.state === 'sending' && (
              <progress max={1} value={upload.share} aria-label={upload.name}>
                {Math.round(upload.share * 100)} %
              </progress>
            )}
            {upload.state === 'given-up' && <span>{text.givenUp}</span>}
            {upload.state === 'refused' && (
              <span>
                {upload.reason === 'server'
                  ? upload.message
                  : upload.reason === 'too-large'
                    ? text.refused['too-large'](format.bytes(MOST_BYTES))
                    : text.refused[upload.reason]}
              </span>
            )}
            {upload.state === 'done' && (
              <>
                <span>
                  {upload.isNew
                    ? upload.program.revision > 1
                      ? text.newRevision(String(upload.program.revision))
                      : text.added
                    : text.same(String(upload.program.revision))}
                </span>
                <Button size="compact-sm" variant="default" onClick={() => onOpen(upload.program.id)}>
                  {text.open}
                </Button>
              </>
            )}
            {(upload.state === 'waiting' || upload.state === 'sending') && (
              <ActionIcon variant="subtle" color="gray" aria-label={text.giveUp(upload.name)} onClick={() => uploads.giveUp(upload.id)}>
                <X size={16} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
