/** For each thing of the other shop, the one of this shop that stands for it. */
import { Select, TextInput } from '@mantine/core'
import { ArrowRight, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { PromotionReference, ResolvedReference } from '../../../server/api/promotions.ts'
import { useChoices } from '../../designer/config/lists.ts'
import { useEnvironmentText } from '../words.ts'

export interface MapStepProps {
  references: readonly ResolvedReference[]
  onChoose: (key: string, value: string) => void
}

export function MapStep({ references, onChoose }: MapStepProps) {
  const text = useEnvironmentText().take
  if (!references.length) return <p className="environment-dim">{text.mapNone}</p>
  return (
    <>
      <p className="environment-dim">{text.mapHint}</p>
      <ul className="environment-map">
        {references.map((resolved) => (
          <Line key={resolved.key} resolved={resolved} onChoose={(value) => onChoose(resolved.key, value)} />
        ))}
      </ul>
    </>
  )
}

function Line({ resolved, onChoose }: { resolved: ResolvedReference; onChoose: (value: string) => void }) {
  const text = useEnvironmentText().take
  const { key, reference, value, how } = resolved
  const { kind, name, part, revision } = reference
  const there = name ?? reference.value
  const of = part === undefined ? undefined : text.mapPart(part, revision)
  // whether a program comes along is told further below
  const isOpen = how === 'open'
  return (
    <li data-open={isOpen || undefined} data-testid={`map-${key}`}>
      <span>
        <span className="environment-dim">{text.kinds[kind]}</span>
        <strong>{there}</strong>
        {of !== undefined && <span className="environment-dim">{of}</span>}
      </span>
      <ArrowRight size={16} aria-hidden />
      <span>
        {kind === 'characteristic' ? (
          <Characteristic value={value ?? ''} label={`${text.kinds[kind]} ${there}`} onChoose={onChoose} />
        ) : (
          <Choice
            kind={kind}
            value={how === 'gone' ? undefined : value}
            connector={reference.connector}
            label={[text.kinds[kind], there, of].filter(Boolean).join(' ')}
            onChoose={onChoose}
          />
        )}
        <span className={isOpen ? 'environment-warn' : 'environment-dim'}>
          {isOpen && <TriangleAlert size={14} aria-hidden />}
          {text.hows[how]}
        </span>
      </span>
    </li>
  )
}

function Choice({
  kind,
  value,
  connector,
  label,
  onChoose,
}: {
  kind: Exclude<PromotionReference['kind'], 'characteristic'>
  value: string | undefined
  connector: string | undefined
  label: string
  onChoose: (value: string) => void
}) {
  const text = useEnvironmentText().take
  const { choices } = useChoices(kind)
  // a program is meant by its name, whose newest content counts; flows may name one revision by its id
  const known = (choices ?? []).map((each) => (kind === 'program' ? { ...each, id: each.name, was: each.id } : { ...each, was: each.id }))
  const shown = known.find(({ id, was }) => id === value || was === value)?.id ?? value
  const fitting = known
    .filter((each, index) => known.findIndex(({ id }) => id === each.id) === index)
    .filter((each) => connector === undefined || each.connector === undefined || each.connector === connector)
  const isTwice = (name: string) => fitting.filter((each) => each.name === name).length > 1
  return (
    <Select
      aria-label={label}
      placeholder={text.choose}
      value={shown ?? null}
      onChange={(chosen) => chosen !== null && onChoose(chosen)}
      data={fitting.map(({ id, name }) => ({ value: id, label: isTwice(name) ? `${name} · ${id}` : name }))}
      nothingFoundMessage={choices && fitting.length === 0 ? text.mapNothing : undefined}
      allowDeselect={false}
      searchable
      data-testid="map-choose"
    />
  )
}

/** Any name: it is a characteristic once something was measured under it. */
function Characteristic({ value, label, onChoose }: { value: string; label: string; onChoose: (value: string) => void }) {
  const [typed, setTyped] = useState(value)
  return (
    <TextInput
      aria-label={label}
      value={typed}
      maxLength={120}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => typed.trim() !== '' && typed !== value && onChoose(typed.trim())}
    />
  )
}
