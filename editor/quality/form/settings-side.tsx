/** The settings of a characteristic that is there: each change is a revision with its reason, and all of them stand below. */
import { Button, Switch, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { type Characteristic, type CharacteristicRevision, changeCharacteristic, getCharacteristic } from '../../../server/api/quality/index.ts'
import { ApiError, call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { Refusal } from '../refusal.tsx'
import { toleranceInWords, useChartsText, useFormats } from '../use-quality-text.ts'
import { CharacteristicForm } from './characteristic-form.tsx'
import { definitionOf, draftOf, problemsOf } from './draft.ts'
import { showFirstWrong } from './show-wrong.ts'

const SHORTEST_REASON = 3

export function SettingsSide({ characteristic, onChanged }: { characteristic: Characteristic; onChanged: () => void }) {
  const { form: text } = useChartsText()
  const { me } = useMe()
  const known = useLoad(`${characteristic.id}/${characteristic.revision}`, () => call(getCharacteristic, { params: { id: characteristic.id } }))
  if (known.error) return <p className="quality-problem">{known.error}</p>
  if (!known.value) return <div className="list-skeleton" aria-hidden />
  const now = known.value.characteristic
  return (
    <div className="quality-narrow">
      {!may(me, 'quality.edit') && <p className="quality-dim">{text.mayNot}</p>}
      <Settings
        key={now.revision}
        characteristic={now}
        mayEdit={may(me, 'quality.edit')}
        onSaved={() => {
          known.refresh()
          onChanged()
        }}
      />
      <Revisions revisions={known.value.revisions} />
    </div>
  )
}

function Settings({ characteristic, mayEdit, onSaved }: { characteristic: Characteristic; mayEdit: boolean; onSaved: () => void }) {
  const { form: text } = useChartsText()
  const [draft, setDraft] = useState(() => draftOf(characteristic.definition))
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, error, run, say } = useDoing()
  const problems = problemsOf(draft)
  const isReasonShort = reason.trim().length < SHORTEST_REASON
  const save = () => {
    setTried(true)
    say(undefined)
    if (Object.keys(problems).length > 0 || isReasonShort) return showFirstWrong()
    void run(async () => {
      const saved = await call(changeCharacteristic, {
        params: { id: characteristic.id },
        body: { definition: definitionOf(draft), revision: characteristic.revision, reason: reason.trim() },
      })
      notifications.show({ message: text.saved(String(saved.revision)) })
      onSaved()
    })
  }
  return (
    <fieldset className="quality-plain" disabled={!mayEdit}>
      <CharacteristicForm draft={draft} onChange={setDraft} problems={isTried ? problems : {}} isUnitFixed={characteristic.measured > 0} />
      <Switch
        label={text.retired}
        description={text.retiredHint}
        checked={draft.isRetired}
        onChange={(event) => setDraft({ ...draft, isRetired: event.currentTarget.checked })}
        data-testid="field-retired"
      />
      {mayEdit && (
        <footer className="quality-foot">
          <TextInput
            label={text.reason}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            error={isTried && isReasonShort ? text.errors.reason : undefined}
            maxLength={500}
            withAsterisk
            data-testid="field-reason"
          />
          <Refusal>{problem}</Refusal>
          {error instanceof ApiError && error.code === 'characteristic-changed' && (
            <Button variant="default" onClick={onSaved}>
              {text.reload}
            </Button>
          )}
          <Button onClick={save} loading={isBusy} data-testid="save-characteristic">
            {text.save}
          </Button>
        </footer>
      )}
    </fieldset>
  )
}

function Revisions({ revisions }: { revisions: readonly CharacteristicRevision[] }) {
  const { form: text, head } = useChartsText()
  const format = useFormats()
  return (
    <section aria-labelledby="revisions">
      <h2 id="revisions">{text.revisions}</h2>
      <ol className="quality-history">
        {revisions.map(({ revision, definition, by, at, reason, origin }) => (
          <li key={revision}>
            <strong>{text.revision(String(revision))}</strong>
            <span>
              {toleranceInWords(head, format.number, definition)} · {text.kinds[definition.chart.kind]}
            </span>
            <span className="quality-dim">
              {format.dateTime(at)} · {by} · {text.origins[origin]}
            </span>
            {reason && <q>{reason}</q>}
          </li>
        ))}
      </ol>
    </section>
  )
}
