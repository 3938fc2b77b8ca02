/** What is asked at an import: each with its words and its kind, and one more out of everything that stands in the nodes. */
import { Button, Checkbox, Select, TextInput } from '@mantine/core'
import { Trash2 } from 'lucide-react'
import { type Asked, askedFor, choicesOf, type DraftFault, isAsked } from './draft.ts'
import { type Candidate, isOfShop, PARAMETER_KINDS, type ParameterKind, samePlace } from './places.ts'
import { useExportText } from './text.ts'

export interface ParameterListProps {
  asked: readonly Asked[]
  candidates: readonly Candidate[]
  faults: readonly DraftFault[]
  onChange: (asked: readonly Asked[]) => void
}

const MOST = 40

export function ParameterList({ asked, candidates, faults, onChange }: ParameterListProps) {
  const text = useExportText()
  const free = candidates.filter((each) => !isAsked(asked, each))
  const byNode = Map.groupBy(free, ({ nodeId }) => nodeId)
  const add = (value: string | null) => {
    const chosen = free.find((each) => nameOf(each) === value)
    if (!chosen) return
    onChange([
      ...asked,
      askedFor(
        chosen,
        free,
        asked.map(({ key }) => key),
      ),
    ])
  }
  return (
    <>
      {asked.length === 0 && <p className="form-help">{text.parameters.none}</p>}
      <ol className="export-asked" data-testid="export-parameters">
        {asked.map((each) => (
          <Parameter
            key={each.key}
            asked={each}
            faults={faults}
            nodes={[...new Set(each.places.map((place) => candidates.find((one) => samePlace(one, place))?.node ?? place.nodeId))]}
            onChange={(next) => onChange(asked.map((one) => (one.key === each.key ? next : one)))}
            onRemove={() => onChange(asked.filter((one) => one.key !== each.key))}
          />
        ))}
      </ol>
      {asked.length < MOST && (
        <Select
          label={text.parameters.add}
          description={text.parameters.addHint}
          placeholder={text.parameters.addPlaceholder}
          searchable
          clearable
          limit={200}
          nothingFoundMessage={text.parameters.addNothing}
          value={null}
          onChange={add}
          data={[...byNode.values()].map((list) => ({
            group: list[0]?.node ?? '',
            items: list.map((each) => ({ value: nameOf(each), label: `${each.title}: ${short(each.value)}` })),
          }))}
          filter={({ options, search }) => matching(options as Groups, search)}
          data-testid="export-add-parameter"
        />
      )}
    </>
  )
}

type Groups = { group: string; items: { value: string; label: string; disabled?: boolean }[] }[]

/** Every word anywhere in the node's name or the setting. */
function matching(groups: Groups, search: string) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return groups
    .map((group) => ({ ...group, items: group.items.filter(({ label }) => words.every((word) => `${group.group} ${label}`.toLowerCase().includes(word))) }))
    .filter(({ items }) => items.length > 0)
}

const nameOf = ({ nodeId, path }: Candidate): string => `${nodeId} ${path}`
const short = (value: unknown): string => {
  const text = String(value)
  return text.length > 50 ? `${text.slice(0, 49)}…` : text
}

interface ParameterProps {
  asked: Asked
  /** Where it stands, by the names of the nodes. */
  nodes: readonly string[]
  faults: readonly DraftFault[]
  onChange: (asked: Asked) => void
  onRemove: () => void
}

function Parameter({ asked, nodes, faults, onChange, onRemove }: ParameterProps) {
  const text = useExportText()
  const words = text.parameters
  const { key, title, help, kind, unit, choices, preset, isRequired, places } = asked
  const change = (changes: Partial<Asked>) => onChange({ ...asked, ...changes })
  const isOwn = isOfShop(kind)
  const isYesNo = kind === 'checkbox'
  const wrong = (what: 'title' | 'choices' | 'preset') => (faults.includes(`${what} ${key}`) ? words.wrong[what] : undefined)
  return (
    <li className="export-parameter" data-testid={`export-parameter-${key}`}>
      <div className="export-parameter-line">
        <TextInput
          label={words.title}
          value={title}
          maxLength={80}
          error={wrong('title')}
          onChange={(event) => change({ title: event.currentTarget.value })}
          data-testid={`export-title-${key}`}
        />
        <Select
          label={words.kind}
          data={PARAMETER_KINDS.filter((each) => (isYesNo ? each === 'checkbox' : each !== 'checkbox')).map((value) => ({ value, label: words.kinds[value] }))}
          value={kind}
          allowDeselect={false}
          onChange={(next) => next && change(kindChanged(asked, next as ParameterKind))}
          data-testid={`export-kind-${key}`}
        />
        {kind === 'number' && (
          <TextInput
            label={words.unit}
            value={unit}
            maxLength={20}
            onChange={(event) => change({ unit: event.currentTarget.value })}
            className="export-unit"
            data-testid={`export-unit-${key}`}
          />
        )}
        <Button
          variant="subtle"
          color="red"
          leftSection={<Trash2 size={16} aria-hidden />}
          onClick={onRemove}
          aria-label={words.remove(title)}
          className="export-remove"
        >
          {words.removeShort}
        </Button>
      </div>
      {kind === 'select' && (
        <TextInput
          label={words.choices}
          description={words.choicesHint}
          value={choices}
          maxLength={1000}
          error={wrong('choices')}
          onChange={(event) => change({ choices: event.currentTarget.value })}
          data-testid={`export-choices-${key}`}
        />
      )}
      <TextInput
        label={words.help}
        placeholder={words.helpHint}
        value={help}
        maxLength={300}
        onChange={(event) => change({ help: event.currentTarget.value })}
      />
      <div className="export-parameter-line">
        {!isOwn && preset !== undefined && (
          <p className="export-preset" data-fault={wrong('preset') !== undefined}>
            {wrong('preset') ??
              words.preset(kind === 'select' ? (choicesOf(choices).find(({ value }) => value === preset)?.label ?? String(preset)) : short(preset))}
          </p>
        )}
        {!isOwn && preset !== undefined && (
          <Button variant="subtle" size="compact-sm" onClick={() => change({ preset: undefined, isRequired: true })}>
            {words.withoutPreset}
          </Button>
        )}
        {!isYesNo && preset === undefined && (
          <Checkbox label={words.required} checked={isRequired} onChange={(event) => change({ isRequired: event.currentTarget.checked })} />
        )}
        <p className="export-places">{words.places(places.length, nodes.slice(0, 3).join(', ') + (nodes.length > 3 ? ' …' : ''))}</p>
      </div>
    </li>
  )
}

/** What is of one shop alone has no preset for another. */
function kindChanged(asked: Asked, kind: ParameterKind): Partial<Asked> {
  if (isOfShop(kind)) return { kind, preset: undefined, isRequired: true, more: {} }
  const choices = kind === 'select' && asked.choices === '' && asked.preset !== undefined ? String(asked.preset) : asked.choices
  return { kind, choices, more: kind === asked.kind ? asked.more : {} }
}
