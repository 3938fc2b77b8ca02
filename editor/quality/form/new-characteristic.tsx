/** A new characteristic. */
import { Button } from '@mantine/core'
import { useState } from 'react'
import { type Characteristic, createCharacteristic } from '../../../server/api/quality/index.ts'
import { ApiError, call } from '../../shared/api.ts'
import { BackTo } from '../back-to.tsx'
import { useChartsText } from '../use-quality-text.ts'
import { CharacteristicForm } from './characteristic-form.tsx'
import { definitionOf, newDraft, problemsOf } from './draft.ts'
import { showFirstWrong } from './show-wrong.ts'

export function NewCharacteristic({ onDone, onBack }: { onDone: (made: Characteristic) => void; onBack: () => void }) {
  const { form: text, head } = useChartsText()
  const [draft, setDraft] = useState(newDraft)
  const [isTried, setTried] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const problems = problemsOf(draft)
  const save = async () => {
    setTried(true)
    setRefusal(undefined)
    if (Object.keys(problems).length > 0) return showFirstWrong()
    setBusy(true)
    try {
      onDone(await call(createCharacteristic, { body: { definition: definitionOf(draft) } }))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setRefusal(error.message)
    } finally {
      setBusy(false)
    }
  }
  return (
    <section className="quality-pad quality-narrow" aria-labelledby="new-characteristic">
      <BackTo label={head.back} onBack={onBack} />
      <header className="quality-head">
        <h1 id="new-characteristic">{text.newTitle}</h1>
      </header>
      <CharacteristicForm draft={draft} onChange={setDraft} problems={isTried ? problems : {}} isUnitFixed={false} />
      <footer className="quality-foot">
        {refusal && (
          <p className="quality-problem" role="alert">
            {refusal}
          </p>
        )}
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
