/** Programs that the flows run: which come along, which another content here keeps, which are missing and can be brought now. */
import { Button, FileButton, SegmentedControl } from '@mantine/core'
import { TriangleAlert, Upload } from 'lucide-react'
import { uploadProgram } from '../../../server/api/machines.ts'
import type { PromotionPreview } from '../../../server/api/promotions.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { errorWords, useEnvironmentText } from '../words.ts'

type Program = PromotionPreview['programs'][number]

export interface ProgramChoicesProps {
  programs: readonly Program[]
  onChoose: (key: string, side: 'ours' | 'theirs') => void
  onUploaded: () => void
}

export function ProgramChoices({ programs, onChoose, onUploaded }: ProgramChoicesProps) {
  const text = useEnvironmentText().take
  return (
    <ul className="environment-list">
      {programs.map((program) => {
        const { key, name, state, isIn, canTake, decision } = program
        const isOpen = decision === undefined || state === 'missing'
        const asks = state === 'changed' || state === 'differs' || (state === 'new' && canTake)
        return (
          <li key={key} data-testid={`program-${name}`} data-state={state}>
            <div>
              <strong>{name}</strong>{' '}
              <span className={isOpen ? 'environment-warn' : 'environment-dim'}>
                {isOpen && <TriangleAlert size={14} aria-hidden />}
                {text.programStates[state]}
                {state !== 'same' && isIn && !canTake && ` ${text.programMayNot}`}
                {state === 'changed' || state === 'differs' ? !isIn && ` ${text.programNotIn}` : undefined}
              </span>
            </div>
            {asks && (
              <SegmentedControl
                size="xs"
                aria-label={name}
                value={decision ?? ''}
                onChange={(side) => onChoose(key, side as 'ours' | 'theirs')}
                data={[
                  { value: 'ours', label: state === 'new' ? text.programWithout : text.ours },
                  { value: 'theirs', label: state === 'new' ? text.programTake : text.theirs, disabled: !canTake },
                ]}
                data-testid={`program-choice-${name}`}
              />
            )}
            {!isIn && state !== 'same' && <Bring name={name} onUploaded={onUploaded} />}
          </li>
        )
      })}
    </ul>
  )
}

/** Stores a file under the name that the flows know. */
function Bring({ name, onUploaded }: { name: string; onUploaded: () => void }) {
  const text = useEnvironmentText().take
  const findings = useFindingText()
  const language = useLanguage()
  const { me } = useMe()
  const { isBusy, problem, run } = useDoing((failed) => errorWords(failed, language, findings))
  if (!may(me, 'programs.manage')) return null
  const bring = (file: File | null) => {
    if (!file) return
    void run(async () => {
      await call(uploadProgram, { query: { name }, body: file })
      onUploaded()
    })
  }
  return (
    <div>
      <FileButton onChange={bring} inputProps={{ 'aria-label': text.programBring(name) }}>
        {(props) => (
          <Button {...props} size="xs" variant="default" loading={isBusy} leftSection={<Upload size={14} aria-hidden />} data-testid={`program-bring-${name}`}>
            {text.programBring(name)}
          </Button>
        )}
      </FileButton>
      {problem !== undefined && (
        <p className="environment-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}
