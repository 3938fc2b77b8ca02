/** Making a promotion of what runs here, or of an earlier version: all flows or some, with a look at what stands against it. */
import { Alert, Button, Checkbox, SegmentedControl, Select, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { FolderUp, PackagePlus } from 'lucide-react'
import { useEffect, useState } from 'react'
import { makePromotion, previewPromotion } from '../../../server/api/promotions.ts'
import type { ResponseOf } from '../../../server/api/route.ts'
import { listHistory, type VersionEntry } from '../../../server/api/versions.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { errorWords, useEnvironmentText } from '../words.ts'

/** The one that runs. */
const NEWEST = ''

export function Make({ hasStore, onMade }: { hasStore: boolean; onMade: () => void }) {
  const text = useEnvironmentText().promote
  const language = useLanguage()
  const findings = useFindingText()
  const format = formats(language)
  const rev = useLive('flows', (_, change) => change).value?.rev
  const [versions, setVersions] = useState<VersionEntry[]>([])
  const [versionId, setVersionId] = useState(NEWEST)
  const [isAll, setAll] = useState(true)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [note, setNote] = useState('')
  const [looked, setLooked] = useState<ResponseOf<typeof previewPromotion>>()
  const [error, setError] = useState<unknown>()
  const [isMaking, setMaking] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `rev` says that there is another version
  useEffect(() => {
    let isGone = false
    call(listHistory, { query: { kind: 'flow', limit: 100 } }).then(
      (list) => isGone || setVersions(list.filter(({ state }) => state !== 'failed')),
      (problem: unknown) => isGone || setError(problem),
    )
    return () => {
      isGone = true
    }
  }, [rev])
  const of = versionId === NEWEST ? {} : { versionId }
  const some = isAll ? undefined : [...chosen]
  const key = JSON.stringify([of, some])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is what is asked; `rev` says to ask again
  useEffect(() => {
    const gone = new AbortController()
    // which flows there are is told of all of them
    call(previewPromotion, { body: of, signal: gone.signal }).then(
      (found) => {
        if (gone.signal.aborted) return
        setLooked(found)
        setError(undefined)
      },
      (problem: unknown) => {
        if (gone.signal.aborted) return
        setLooked(undefined)
        setError(problem)
      },
    )
    return () => gone.abort()
  }, [key, rev])
  const make = async (offer: boolean) => {
    setMaking(true)
    setError(undefined)
    try {
      await call(makePromotion, { body: { ...of, ...(some ? { flowIds: some } : {}), ...(note.trim() ? { note: note.trim() } : {}), offer } })
      setNote('')
      notifications.show({ message: text.made })
      onMade()
    } catch (problem) {
      setError(problem)
    } finally {
      setMaking(false)
    }
  }
  const secrets = looked && isAll ? looked.secrets : []
  const isBlocked = !looked || secrets.length > 0 || some?.length === 0
  return (
    <section className="environment-card" aria-labelledby="make-title">
      <h2 id="make-title">{text.makeTitle}</h2>
      <p className="environment-dim">{text.makeHint}</p>
      <div className="environment-fields">
        <Select
          label={text.which}
          value={versionId}
          onChange={(value) => setVersionId(value ?? NEWEST)}
          data={[
            { value: NEWEST, label: text.newest },
            ...versions.map(({ id, number, at, author, reason, label }) => ({
              value: id,
              label: text.version(format.number(number), `${format.dateTime(at)}, ${author}`, [label, reason?.slice(0, 60)].filter(Boolean).join(' · ')),
            })),
          ]}
          allowDeselect={false}
          maxDropdownHeight={300}
          data-testid="make-version"
        />
        <Textarea
          label={text.note}
          description={text.noteHint}
          autosize
          minRows={1}
          maxLength={1000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          data-testid="make-note"
        />
      </div>
      <SegmentedControl
        aria-label={text.flows}
        value={isAll ? 'all' : 'some'}
        onChange={(value) => setAll(value === 'all')}
        data={[
          { value: 'all', label: text.allFlows },
          { value: 'some', label: text.someFlows },
        ]}
        className="environment-which"
      />
      {!isAll && looked && (
        <div className="environment-choices">
          {looked.flows.map(({ id, label }) => (
            <Checkbox
              key={id}
              label={label}
              checked={chosen.has(id)}
              onChange={(event) => {
                const next = new Set(chosen)
                if (event.currentTarget.checked) next.add(id)
                else next.delete(id)
                setChosen(next)
              }}
              data-testid={`make-flow-${id}`}
            />
          ))}
        </div>
      )}
      {looked && isAll && (
        <p className="environment-dim" data-testid="make-contents">
          {text.contents(format.number(looked.flows.length), format.number(looked.nodes), format.number(looked.tests.length))}
          {looked.references.length > 0 && `. ${text.names}: ${looked.references.map(({ name, value }) => name ?? value).join(', ')}`}
        </p>
      )}
      {looked && isAll && looked.programs.some(({ goes }) => goes !== 'along') && (
        <ul className="environment-warn" data-testid="make-programs">
          {looked.programs.map(({ name, goes }) => goes !== 'along' && <li key={name}>{text.programStays[goes](name)}</li>)}
        </ul>
      )}
      {secrets.length > 0 && (
        <Alert color="red" title={text.secretsTitle} data-testid="make-secrets">
          <ul>
            {secrets.map(({ where, text: why }) => (
              <li key={where}>
                {where}: {why}
              </li>
            ))}
          </ul>
          {text.secretsHint}
        </Alert>
      )}
      {error !== undefined && (
        <p className="environment-problem" role="alert" data-testid="make-problem">
          {errorWords(error, language, findings)}
        </p>
      )}
      <div className="environment-actions">
        <Button leftSection={<PackagePlus size={16} aria-hidden />} loading={isMaking} disabled={isBlocked} onClick={() => void make(false)} data-testid="make">
          {text.make}
        </Button>
        {hasStore && (
          <Button
            variant="default"
            leftSection={<FolderUp size={16} aria-hidden />}
            disabled={isBlocked || isMaking}
            onClick={() => void make(true)}
            data-testid="make-offer"
          >
            {text.makeAndOffer}
          </Button>
        )}
      </div>
    </section>
  )
}
