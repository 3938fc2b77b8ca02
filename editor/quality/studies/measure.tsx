/**
 * Measuring for a study, at the bench: who measures, which part is next, one value. Earlier readings stay hidden. What is kept is
 * in the database; whoever comes back goes on where they were.
 */
import '../characteristic.css'
import '../form/form.css'
import './studies.css'
import { Button, Progress, TextInput } from '@mantine/core'
import { CheckCheck, Delete, UserRound } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { addStudyReading, getStudy, type StudyReading, type StudyView } from '../../../server/api/quality/studies.ts'
import { ApiError, call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { newEntryId } from '../entry-id.ts'
import { Refusal } from '../refusal.tsx'
import { useNews } from '../use-news.ts'
import { useFormats } from '../use-quality-text.ts'
import { CorrectForm } from './correct-reading.tsx'
import { typedNumber } from './typed-number.ts'
import { useGaugeReading } from './use-gauge-reading.ts'
import { appraiserNames, useStudyText } from './words.ts'

export function Measure({ id, onBack }: { id: string; onBack: () => void }) {
  const text = useStudyText()
  const news = useNews('study')
  const { value: view, error, refresh } = useLoad(`${id} ${news}`, () => call(getStudy, { params: { id } }))
  const [chosen, choose] = useState<string>()
  const appraisers = view ? appraiserNames(view.study.definition.design) : []
  // of one appraiser there is nothing to choose
  const appraiser = chosen ?? (appraisers.length === 1 ? appraisers[0] : undefined)
  return (
    <section className="quality-pad quality-narrow studies-measure" aria-labelledby="measure-title">
      <BackTo label={text.backToStudy} onBack={onBack} />
      <Refusal>{error}</Refusal>
      {!view && !error && <div className="list-skeleton" aria-hidden />}
      {view && (
        <>
          <header className="quality-head">
            <h1 id="measure-title">{view.study.definition.name}</h1>
            <p className="quality-dim">
              {view.study.definition.characteristic} · {view.study.definition.gauge}
            </p>
          </header>
          <Done view={view} />
          {view.missing.length === 0 ? (
            <div className="studies-done" role="status" data-testid="all-measured">
              <CheckCheck size={32} aria-hidden />
              <p>{text.enter.allDone}</p>
              <Button onClick={onBack} size="md" data-testid="to-report">
                {text.enter.report}
              </Button>
            </div>
          ) : appraiser === undefined ? (
            <Who view={view} onChoose={choose} />
          ) : (
            <Enter
              key={appraiser}
              view={view}
              appraiser={appraiser}
              onKept={refresh}
              {...(appraisers.length > 1 ? { onOther: () => choose(undefined) } : {})}
            />
          )}
        </>
      )}
    </section>
  )
}

function Done({ view: { study } }: { view: StudyView }) {
  const text = useStudyText()
  const format = useFormats()
  const words = text.progress(format.number(study.readings), format.number(study.of))
  return (
    <div className="studies-progress">
      <Progress.Root size="lg">
        <Progress.Section value={(100 * study.readings) / study.of} aria-label={words} />
      </Progress.Root>
      <span className="cw-numbers" data-testid="progress">
        {words}
      </span>
    </div>
  )
}

function Who({ view, onChoose }: { view: StudyView; onChoose: (appraiser: string) => void }) {
  const { enter: text } = useStudyText()
  const format = useFormats()
  return (
    <>
      <h2>{text.who}</h2>
      <p className="quality-dim">{text.whoText}</p>
      <div className="studies-who">
        {appraiserNames(view.study.definition.design).map((name) => {
          const left = view.missing.filter((place) => place.appraiser === name).length
          return (
            <Button
              key={name}
              variant="default"
              size="lg"
              leftSection={<UserRound size={20} aria-hidden />}
              rightSection={<small>{left > 0 ? text.left(format.number(left)) : text.done}</small>}
              disabled={left === 0}
              onClick={() => onChoose(name)}
              data-testid={`appraiser-${name}`}
            >
              {name}
            </Button>
          )
        })}
      </div>
      <p className="quality-dim">{text.blind}</p>
    </>
  )
}

const KEYS = ['7', '8', '9', '4', '5', '6', '1', '2', '3', 'sign', '0', 'point'] as const

function Enter({ view, appraiser, onKept, onOther }: { view: StudyView; appraiser: string; onKept: () => void; onOther?: () => void }) {
  const { enter: text } = useStudyText()
  const format = useFormats()
  const { study } = view
  const { unit, decimals, design } = study.definition
  /** Kept here and not in the view yet. */
  const [kept, setKept] = useState<readonly StudyReading[]>([])
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<string>()
  const [isCorrecting, setCorrecting] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const entry = useRef({ id: newEntryId(), value: '' })
  const { isBusy, problem: refusal, run } = useDoing()
  const isKept = (place: { part: string; trial: number }) => kept.some((one) => one.part === place.part && one.trial === place.trial)
  const left = view.missing.filter((place) => place.appraiser === appraiser && !isKept(place))
  const next = left[0]
  const last = kept.at(-1)
  const key = `${next?.trial} ${next?.part}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: another part is next
  useEffect(() => {
    field.current?.focus()
  }, [key, isCorrecting])

  const keep = (event: FormEvent) => {
    event.preventDefault()
    if (!next || isBusy) return
    const value = typedNumber(typed)
    if (value === undefined) {
      setProblem(text.notNumber)
      field.current?.select()
      return
    }
    store(value, 'form')
  }
  const store = (value: number, source: 'form' | 'gauge') => {
    if (!next || isBusy) return
    // the same reading is asked again under the same id
    const meant = `${key} ${value}`
    if (entry.current.value !== meant) entry.current = { id: newEntryId(), value: meant }
    setProblem(undefined)
    void run(async () => {
      try {
        const { reading } = await call(addStudyReading, { params: { id: study.id }, body: { entryId: entry.current.id, ...next, value, source } })
        setKept((before) => [...before, reading])
        setTyped('')
      } catch (error) {
        // somebody else has measured it: what is next is read anew
        if (error instanceof ApiError && error.code === 'study-place-taken') onKept()
        throw error
      }
      onKept()
    })
  }
  const gauge = useGaugeReading({ gaugeId: study.definition.gaugeId, unit }, ({ value, unit: read }) => {
    if (isCorrecting) return
    if (value === undefined) setProblem(text.otherUnit(read, unit))
    // whose it would be is not sure: the part before may still stand on the page
    else if (isBusy) setProblem(text.tooSoon)
    else store(value, 'gauge')
  })
  const press = (pressed: (typeof KEYS)[number] | 'delete') => {
    setProblem(undefined)
    setTyped((before) => {
      if (pressed === 'delete') return before.slice(0, -1)
      if (pressed === 'sign') return before.startsWith('-') ? before.slice(1) : `-${before}`
      if (pressed === 'point') return /[.,]/.test(before) ? before : `${before === '' || before === '-' ? `${before}0` : before}.`
      return before + pressed
    })
  }
  if (!next)
    return (
      <div className="studies-done" role="status" data-testid="appraiser-done">
        <CheckCheck size={32} aria-hidden />
        <p>{text.finished(appraiser)}</p>
        {onOther && (
          <Button onClick={onOther} size="md" data-testid="other-appraiser">
            {text.other}
          </Button>
        )}
      </div>
    )
  const hasMore = (typed.split(/[.,]/)[1]?.length ?? 0) > decimals
  return (
    <>
      <div className="studies-at">
        <strong>{appraiser}</strong>
        <span>{text.left(format.number(left.length))}</span>
        {onOther && (
          <Button variant="subtle" onClick={onOther} data-testid="other-appraiser">
            {text.other}
          </Button>
        )}
      </div>
      <div className="studies-next" data-testid="next-part">
        <p>{text.part}</p>
        <strong>{next.part}</strong>
        <p>{text.trial(String(next.trial), String(design.trials))}</p>
      </div>
      {isCorrecting && last ? (
        <CorrectForm
          reading={last}
          onDone={(reading) => {
            setKept((before) => before.map((one) => (one.part === reading.part && one.trial === reading.trial ? reading : one)))
            setCorrecting(false)
          }}
          onCancel={() => setCorrecting(false)}
        />
      ) : (
        <form onSubmit={keep}>
          <div className="studies-field">
            <TextInput
              ref={field}
              label={unit ? `${text.value} (${unit})` : text.value}
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value)
                setProblem(undefined)
              }}
              error={problem ?? (hasMore ? text.many(String(decimals)) : undefined)}
              inputMode="none"
              autoComplete="off"
              data-testid="reading"
            />
            <Button type="submit" loading={isBusy} size="lg" data-testid="keep">
              {text.keep}
            </Button>
          </div>
          <Refusal>{refusal}</Refusal>
          <div className="studies-keys">
            {KEYS.map((each) => (
              <button
                key={each}
                type="button"
                onClick={() => press(each)}
                aria-label={each === 'sign' || each === 'point' ? text.keys[each] : undefined}
                data-testid={`key-${each}`}
              >
                {each === 'sign' ? '±' : each === 'point' ? '.' : each}
              </button>
            ))}
            <button type="button" className="studies-delete" onClick={() => press('delete')} aria-label={text.keys.delete}>
              <Delete size={24} aria-hidden />
            </button>
          </div>
          {last && (
            <p className="studies-kept" role="status" data-testid="kept">
              {text.kept(last.part)}{' '}
              <Button variant="subtle" size="compact-md" onClick={() => setCorrecting(true)} data-testid="take-back">
                {text.takeBack}
              </Button>
            </p>
          )}
          <p className="quality-dim" data-testid="from-gauge">
            {gauge.isConnected ? (gauge.isThere ? text.gaugeThere : text.gaugeAway) : text.source}
          </p>
        </form>
      )}
    </>
  )
}
