/** Takes readings over from a table: looked at first, then all or none. */
import { Button, FileButton, Textarea } from '@mantine/core'
import { useState } from 'react'
import { importStudyReadings, type Study } from '../../../server/api/quality/studies.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { Refusal } from '../refusal.tsx'
import { useFormats } from '../use-quality-text.ts'
import { useStudyText } from './words.ts'

type Looked = Awaited<ReturnType<typeof look>>
const look = (id: string, csv: string, isTrial: boolean) => call(importStudyReadings, { params: { id }, body: { csv, isTrial } })

export function ImportReadings({ study, onDone, onClose }: { study: Study; onDone: () => void; onClose: () => void }) {
  const text = useStudyText().importing
  const format = useFormats()
  const [csv, setCsv] = useState('')
  const [looked, setLooked] = useState<Looked>()
  const { isBusy, problem, run } = useDoing()
  const put = (next: string) => {
    setCsv(next)
    setLooked(undefined)
  }
  const canTake = looked !== undefined && looked.problems.length === 0 && looked.added > 0
  return (
    <WorkDialog title={text.title} size="wide" onClose={onClose} testId="import-readings">
      <p>{study.definition.design.kind === 'crossed' ? text.text : text.textBias}</p>
      <FileButton accept=".csv,.txt,.tsv,text/csv,text/plain" onChange={(file) => void file?.text().then(put)}>
        {(props) => (
          <Button {...props} variant="default" style={{ justifySelf: 'start' }}>
            {text.choose}
          </Button>
        )}
      </FileButton>
      <Textarea
        label={text.table}
        value={csv}
        onChange={(event) => put(event.currentTarget.value)}
        rows={8}
        classNames={{ input: 'cw-numbers' }}
        data-testid="import-table"
      />
      <Refusal>{problem}</Refusal>
      {looked && (
        <div role="status" data-testid="import-looked">
          {looked.problems.length > 0 ? (
            <>
              <p className="quality-problem">{text.problems}</p>
              <ul className="studies-problems">
                {looked.problems.map(({ line, text: why }) => (
                  <li key={`${line} ${why}`}>
                    <strong>{text.line(String(line))}</strong> {why}
                  </li>
                ))}
              </ul>
            </>
          ) : (
            <p>{text.result(format.number(looked.added), format.number(looked.known))}</p>
          )}
        </div>
      )}
      <div className="quality-actions">
        <Button
          variant={canTake ? 'default' : 'filled'}
          loading={isBusy}
          disabled={csv.trim() === ''}
          onClick={() => void run(async () => setLooked(await look(study.id, csv, true)))}
          data-testid="check-import"
        >
          {text.check}
        </Button>
        {canTake && (
          <Button loading={isBusy} onClick={() => void run(() => look(study.id, csv, false).then(onDone))} data-testid="take-import">
            {text.take(format.number(looked.added))}
          </Button>
        )}
      </div>
    </WorkDialog>
  )
}
