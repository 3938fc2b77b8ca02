/** A new characteristic. */
import { Button } from '@mantine/core'
import { useState } from 'react'
import { type Characteristic, createCharacteristic } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { BackTo } from '../back-to.tsx'
import { Refusal } from '../refusal.tsx'
import { useChartsText } from '../use-quality-text.ts'
import { CharacteristicForm } from './characteristic-form.tsx'
import { definitionOf, newDraft, problemsOf } from './draft.ts'
import { showFirstWrong } from './show-wrong.ts'

export function NewCharacteristic({ onDone, onBack }: { onDone: (made: Characteristic) => void; onBack: () => void }) {
  const { form: text, head } = useChartsText()
  const [draft, setDraft] = useState(newDraft)
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run, say } = useDoing()
  const problems = problemsOf(draft)
  const save = () => {
    setTried(true)
    say(undefined)
    if (Object.keys(problems).length > 0) return showFirstWrong()
    void run(async () => onDone(await call(createCharacteristic, { body: { definition: definitionOf(draft) } })))
  }
  return (
    <section className="quality-pad quality-narrow" aria-labelledby="new-characteristic">
      <BackTo label={head.back} onBack={onBack} />
      <header className="quality-head">
        <h1 id="new-characteristic">{text.newTitle}</h1>
      </header>
      <CharacteristicForm draft={draft} onChange={setDraft} problems={isTried ? problems : {}} isUnitFixed={false} />
      <footer className="quality-foot">
        <Refusal>{problem}</Refusal>
        <Button onClick={save} loading={isBusy} data-testid="save-characteristic">
          {text.create}
        </Button>
        <Button variant="default" onClick={onBack}>
          {text.cancel}
        </Button>
      </footer>
    </section>
  )
}
