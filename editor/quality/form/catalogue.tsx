/** The causes and actions that people choose from when the chart has found something. */
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { addToCatalogue, type CatalogueEntry, changeCatalogue, listCatalogue } from '../../../server/api/quality/index.ts'
import { ApiError, call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { useChartsText } from '../use-quality-text.ts'

const KINDS = ['cause', 'action'] as const
type Kind = (typeof KINDS)[number]

export function Catalogue({ onBack }: { onBack: () => void }) {
  const { catalogue: text, head } = useChartsText()
  const { value, error, refresh } = useLoad('all', () => call(listCatalogue, { query: { retired: true } }))
  return (
    <section className="quality-pad quality-narrow" aria-labelledby="catalogue-title">
      <BackTo label={head.back} onBack={onBack} />
      <h1 id="catalogue-title">{text.title}</h1>
      <p className="quality-dim">{text.lead}</p>
      {error && <p className="quality-problem">{error}</p>}
      {value && KINDS.map((kind) => <Part key={kind} kind={kind} entries={value.filter((entry) => entry.kind === kind)} onChanged={refresh} />)}
    </section>
  )
}

function Part({ kind, entries, onChanged }: { kind: Kind; entries: readonly CatalogueEntry[]; onChanged: () => void }) {
  const { catalogue: text } = useChartsText()
  const { me } = useMe()
  const mayEdit = may(me, 'quality.edit')
  const [refusal, setRefusal] = useState<string>()
  const turn = ({ id, title, code, isRetired }: CatalogueEntry) =>
    call(changeCatalogue, { params: { id }, body: { title, ...(code === undefined ? {} : { code }), isRetired: !isRetired } }).then(
      onChanged,
      (error: unknown) => {
        if (!(error instanceof ApiError)) throw error
        setRefusal(error.message)
      },
    )
  return (
    <section aria-labelledby={`catalogue-${kind}`}>
      <h2 id={`catalogue-${kind}`}>{text.kinds[kind]}</h2>
      {entries.length === 0 && <p className="quality-dim">{text.none[kind]}</p>}
      <ul className="quality-history" data-testid={`catalogue-${kind}`}>
        {entries.map((entry) => (
          <li key={entry.id}>
            <strong>{entry.title}</strong>
            {entry.code !== undefined && <span className="quality-dim">{entry.code}</span>}
            {entry.isRetired && <span className="quality-pill">{text.retired}</span>}
            {mayEdit && (
              <Button size="compact-xs" variant="subtle" onClick={() => void turn(entry)}>
                {entry.isRetired ? text.revive : text.retire}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {refusal && (
        <p className="quality-problem" role="alert">
          {refusal}
        </p>
      )}
      {mayEdit && <Add kind={kind} onChanged={onChanged} />}
    </section>
  )
}

function Add({ kind, onChanged }: { kind: Kind; onChanged: () => void }) {
  const { catalogue: text } = useChartsText()
  const [title, setTitle] = useState('')
  const [code, setCode] = useState('')
  const [refusal, setRefusal] = useState<string>()
  const add = async () => {
    if (title.trim() === '') return
    setRefusal(undefined)
    try {
      await call(addToCatalogue, { body: { kind, title: title.trim(), ...(code.trim() === '' ? {} : { code: code.trim() }), isRetired: false } })
      setTitle('')
      setCode('')
      onChanged()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setRefusal(error.message)
    }
  }
  return (
    <form
      className="quality-foot"
      aria-label={text.add[kind]}
      onSubmit={(event) => {
        event.preventDefault()
        void add()
      }}
    >
      <TextInput label={text.titleOf} value={title} onChange={(event) => setTitle(event.currentTarget.value)} maxLength={200} data-testid={`add-${kind}`} />
      <TextInput label={text.code} value={code} onChange={(event) => setCode(event.currentTarget.value)} maxLength={40} />
      <Button type="submit" variant="default" disabled={title.trim() === ''} data-testid={`add-${kind}-save`}>
        {text.add[kind]}
      </Button>
      {refusal && (
        <p className="quality-problem" role="alert">
          {refusal}
        </p>
      )}
    </form>
  )
}
