/** Something is said of points: a comment, a cause or an action of the catalogue, or why they count or do not. */
import { Button, NativeSelect, Textarea } from '@mantine/core'
import { useState } from 'react'
import { addMarks, listCatalogue, type Mark } from '../../../server/api/quality/index.ts'
import { ApiError, call } from '../../shared/api.ts'
import { useLoad } from '../../shared/use-load.ts'
import { useChartsText } from '../use-quality-text.ts'

const SHORTEST = 3

export interface MarkFormProps {
  characteristicId: string
  kind: Mark['kind']
  subgroups: readonly number[]
  onDone: () => void
  onCancel: () => void
}

export function MarkForm({ characteristicId, kind, subgroups, onDone, onCancel }: MarkFormProps) {
  const { mark: text } = useChartsText()
  const isOfCatalogue = kind === 'cause' || kind === 'action'
  const catalogue = useLoad(isOfCatalogue ? 'catalogue' : undefined, () => call(listCatalogue, { query: {} })).value ?? []
  const choices = catalogue.filter((one) => one.kind === kind)
  const [entryId, setEntry] = useState('')
  const [words, setWords] = useState('')
  const [isTried, setTried] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const isMissing = isOfCatalogue ? entryId === '' && words.trim().length < SHORTEST : words.trim().length < SHORTEST
  const save = async () => {
    setTried(true)
    if (isMissing) return
    setBusy(true)
    setRefusal(undefined)
    try {
      await call(addMarks, {
        params: { id: characteristicId },
        body: {
          kind,
          subgroups: [...subgroups],
          ...(entryId === '' ? {} : { entryId }),
          ...(words.trim() === '' ? {} : { text: words.trim() }),
        },
      })
      onDone()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setRefusal(error.message)
      setBusy(false)
    }
  }
  const label = kind === 'exclude' || kind === 'include' ? text.reason : isOfCatalogue ? text.more : text.text
  const description = kind === 'exclude' ? text.excludeWhy : kind === 'include' ? text.includeWhy : undefined
  return (
    <form
      className="quality-mark"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      data-testid={`mark-form-${kind}`}
    >
      {choices.length > 0 && (
        <NativeSelect
          label={text.choose}
          value={entryId}
          onChange={(event) => setEntry(event.currentTarget.value)}
          data={[
            { value: '', label: text.chooseNone },
            ...choices.map(({ id, title, code }) => ({ value: id, label: code === undefined ? title : `${code} · ${title}` })),
          ]}
          data-testid="mark-entry"
        />
      )}
      <Textarea
        label={label}
        description={description}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        error={isTried && isMissing ? (isOfCatalogue ? text.chooseOrWrite : text.tooShort) : undefined}
        autosize={false}
        rows={2}
        maxLength={kind === 'exclude' || kind === 'include' ? 500 : 2000}
        data-testid="mark-text"
      />
      {refusal && (
        <p className="quality-problem" role="alert">
          {refusal}
        </p>
      )}
      <div className="quality-actions">
        <Button type="submit" size="xs" loading={isBusy} data-testid="mark-save">
          {text.save}
        </Button>
        <Button size="xs" variant="default" onClick={onCancel}>
          {text.cancel}
        </Button>
      </div>
    </form>
  )
}
