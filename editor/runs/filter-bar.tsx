/** What the list is narrowed to: words, state, flow, trigger, job, time. */
import { Button, CloseButton, NativeSelect, SegmentedControl, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ResponseOf } from '../../server/api/route.ts'
import { listRunFlows, listRunTriggers, type RunSummary } from '../../server/api/runs.ts'
import { call } from '../shared/api.ts'
import { isFiltered, NO_FILTER, type RunFilter } from './run-filter.ts'
import { nameOf } from './steps.ts'
import { useRunsText } from './use-runs-text.ts'

const STATES = ['active', 'completed', 'failed', 'interrupted', 'cancelled'] as const
const SPANS = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 } as const
type Span = keyof typeof SPANS | 'any' | 'own'
type Trigger = RunSummary['trigger']

export function FilterBar({ filter, onChange }: { filter: RunFilter; onChange: (filter: RunFilter) => void }) {
  const text = useRunsText()
  const triggers = useTriggers()
  const flows = withChosen(useFlows(), filter.flow)
  // of one flow, its own; the chosen one is never missing
  const offered = triggers.filter(({ nodeId, flowId }) => filter.flow === undefined || flowId === filter.flow || nodeId === filter.trigger)
  const [span, setSpan] = useState<Span>('any')
  const chooseSpan = (wanted: Span) => {
    setSpan(wanted)
    const { from: _from, to: _to, ...rest } = filter
    onChange(wanted === 'any' || wanted === 'own' ? rest : { ...rest, from: new Date(Date.now() - SPANS[wanted]).toISOString() })
  }
  const label = ({ flowName, ...trigger }: Trigger) => `${nameOf(trigger)}${flowName ? ` · ${flowName}` : ''}`
  return (
    <div className="runs-filter">
      <TextInput
        aria-label={text.search}
        placeholder={text.search}
        leftSection={<Search size={16} aria-hidden />}
        value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.currentTarget.value })}
        data-testid="search-runs"
      />
      <SegmentedControl
        aria-label={text.title}
        size="xs"
        value={filter.state ?? 'all'}
        onChange={(value) => onChange({ ...filter, state: STATES.find((state) => state === value) })}
        data={[{ value: 'all', label: text.all }, ...STATES.map((state) => ({ value: state, label: text.state[state] }))]}
      />
      {filter.job !== undefined && (
        <p className="runs-filter-job" data-testid="filter-job">
          {text.ofJob} <a href={`/jobs#${encodeURIComponent(filter.job)}`}>{filter.job}</a>
          <CloseButton size="xs" aria-label={text.anyJob} onClick={() => onChange({ ...filter, job: undefined })} />
        </p>
      )}
      <div className="runs-filter-line">
        <NativeSelect
          aria-label={text.flow}
          size="xs"
          value={filter.flow ?? ''}
          onChange={(event) => onChange({ ...filter, flow: event.currentTarget.value || undefined })}
          data={[{ value: '', label: text.allFlows }, ...flows.map(({ flowId, flowName }) => ({ value: flowId, label: flowName ?? flowId }))]}
          data-testid="filter-flow"
        />
        <NativeSelect
          aria-label={text.trigger}
          size="xs"
          value={filter.trigger ?? ''}
          onChange={(event) => onChange({ ...filter, trigger: event.currentTarget.value || undefined })}
          data={[{ value: '', label: text.allTriggers }, ...offered.map((trigger) => ({ value: trigger.nodeId, label: label(trigger) }))]}
          data-testid="filter-trigger"
        />
        <NativeSelect
          aria-label={text.time}
          size="xs"
          value={span}
          onChange={(event) => chooseSpan(event.currentTarget.value as Span)}
          data={[{ value: 'any', label: text.anyTime }, ...(['hour', 'day', 'week', 'own'] as const).map((value) => ({ value, label: text.span[value] }))]}
          data-testid="filter-time"
        />
        {isFiltered(filter) && (
          <Button
            size="xs"
            variant="subtle"
            onClick={() => {
              setSpan('any')
              onChange(NO_FILTER)
            }}
            data-testid="filter-clear"
          >
            {text.clear}
          </Button>
        )}
      </div>
      {span === 'own' && (
        <div className="runs-filter-line">
          {(['from', 'to'] as const).map((end) => (
            <TextInput
              key={end}
              type="datetime-local"
              size="xs"
              label={text[end]}
              onChange={(event) => {
                const { value } = event.currentTarget
                onChange({ ...filter, [end]: value ? new Date(value).toISOString() : undefined })
              }}
            />
          ))}
        </div>
      )}
    </div>
  )
}

type Flow = ResponseOf<typeof listRunFlows>[number]

/** A flow that a link asked for may not have run yet. */
function withChosen(flows: readonly Flow[], chosen: string | undefined): Pick<Flow, 'flowId' | 'flowName'>[] {
  return chosen === undefined || flows.some(({ flowId }) => flowId === chosen) ? [...flows] : [{ flowId: chosen }, ...flows]
}

function useFlows(): Flow[] {
  const [flows, setFlows] = useState<Flow[]>([])
  useEffect(() => {
    const leaving = new AbortController()
    // without the choices everything else still works
    call(listRunFlows, { signal: leaving.signal }).then(setFlows, () => {})
    return () => leaving.abort()
  }, [])
  return flows
}

function useTriggers(): Trigger[] {
  const [triggers, setTriggers] = useState<Trigger[]>([])
  useEffect(() => {
    const leaving = new AbortController()
    // without the choices everything else still works
    call(listRunTriggers, { signal: leaving.signal }).then(setTriggers, () => {})
    return () => leaving.abort()
  }, [])
  return triggers
}
