/** Where the machine may go: its travel, drawn as a box, and boxes that nothing may enter. */
import { ActionIcon, Button, Switch, TextInput } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { LengthField } from '../../shared/length-field.tsx'
import { useMachinesText } from '../use-machines-text.ts'
import { BoxView } from './box-view.tsx'
import type { BoxDraft, Draft, KeepOutDraft, Problem } from './draft.ts'
import { FormPart, TripleField, useTell } from './fields.tsx'
import type { Box3 } from './projection.ts'

export interface LimitsFormProps {
  draft: Draft
  problems: readonly Problem[]
  onChange: (draft: Draft) => void
  /** What the controller's own settings tell, where they do. */
  surveyed?: Box3 | undefined
}

export function LimitsForm({ draft, problems, onChange, surveyed }: LimitsFormProps) {
  const text = useMachinesText()
  const tell = useTell(problems)
  const [chosen, choose] = useState<string>()
  const { envelope, keepOut } = draft
  const setBox = (id: string, part: Partial<KeepOutDraft>) => onChange({ ...draft, keepOut: keepOut.map((box) => (box.id === id ? { ...box, ...part } : box)) })
  const add = () => {
    const id = freeId(keepOut.map((box) => box.id))
    onChange({ ...draft, keepOut: [...keepOut, { id, name: '', isActive: true, ...startBox(envelope) }] })
    choose(id)
  }
  const marks = [
    ...(draft.toolChange.hasPark ? placeMark('park', text.rules.park, draft.toolChange.park) : []),
    ...(draft.toolChange.kind === 'probe-length' ? placeMark('setter', text.rules.setter, draft.toolChange.setterAt) : []),
  ]
  return (
    <div className="mf-limits">
      <BoxView
        envelope={boxOf(envelope)}
        keepOut={keepOut.flatMap((one) => {
          const box = boxOf(one)
          return box ? [{ ...box, id: one.id, name: one.name || text.limits.unnamed, isActive: one.isActive }] : []
        })}
        marks={marks}
        chosen={chosen}
        onChoose={choose}
      />
      <FormPart title={text.limits.travel} hint={text.limits.travelHint}>
        <TripleField
          label={text.limits.from}
          path="envelope.min"
          value={envelope.min}
          onChange={(min) => onChange({ ...draft, envelope: { ...envelope, min } })}
          problems={problems}
          testId="envelope-min"
        />
        <TripleField
          label={text.limits.to}
          path="envelope.max"
          value={envelope.max}
          onChange={(max) => onChange({ ...draft, envelope: { ...envelope, max } })}
          problems={problems}
          testId="envelope-max"
        />
        {surveyed && (
          <Button
            variant="default"
            onClick={() => onChange({ ...draft, envelope: { min: [...surveyed.min], max: [...surveyed.max] } })}
            data-testid="use-surveyed"
          >
            {text.limits.useSurveyed}
          </Button>
        )}
        <LengthField
          label={text.limits.safeZ}
          description={text.limits.safeZHint}
          value={draft.safeZ}
          onChange={(safeZ) => onChange({ ...draft, safeZ })}
          error={tell('safeZ')}
        />
      </FormPart>
      <FormPart title={text.limits.keepOut} hint={text.limits.keepOutHint}>
        <ul className="mf-boxes">
          {keepOut.map((box) => (
            <li key={box.id} data-chosen={box.id === chosen || undefined}>
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: focus does the same */}
              <fieldset onFocus={() => choose(box.id)} onClick={() => choose(box.id)}>
                <legend className="mf-hidden">{box.name || text.limits.unnamed}</legend>
                <div className="mf-box-head">
                  <TextInput
                    label={text.limits.name}
                    placeholder={text.limits.nameExample}
                    value={box.name}
                    onChange={(event) => setBox(box.id, { name: event.currentTarget.value })}
                    error={tell(`keepOut.${box.id}.name`)}
                    data-testid={`keep-out-${box.id}`}
                  />
                  <Switch label={text.limits.active} checked={box.isActive} onChange={(event) => setBox(box.id, { isActive: event.currentTarget.checked })} />
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={36}
                    aria-label={text.limits.remove(box.name || text.limits.unnamed)}
                    onClick={() => onChange({ ...draft, keepOut: keepOut.filter((other) => other.id !== box.id) })}
                  >
                    <Trash2 size={18} />
                  </ActionIcon>
                </div>
                <TripleField
                  label={text.limits.from}
                  path={`keepOut.${box.id}.min`}
                  value={box.min}
                  onChange={(min) => setBox(box.id, { min })}
                  problems={problems}
                />
                <TripleField
                  label={text.limits.to}
                  path={`keepOut.${box.id}.max`}
                  value={box.max}
                  onChange={(max) => setBox(box.id, { max })}
                  problems={problems}
                />
              </fieldset>
            </li>
          ))}
        </ul>
        {keepOut.length === 0 && <p className="mf-hint">{text.limits.noKeepOut}</p>}
        <Button variant="default" leftSection={<Plus size={16} aria-hidden />} onClick={add} disabled={keepOut.length >= 64} data-testid="add-keep-out">
          {text.limits.addKeepOut}
        </Button>
      </FormPart>
    </div>
  )
}

/** The box of a draft, when every number is there and makes one. */
export function boxOf({ min, max }: BoxDraft): Box3 | undefined {
  const isWhole = [...min, ...max].every((value) => value !== '' && Number.isFinite(value)) && min.every((low, axis) => Number(max[axis]) > Number(low))
  return isWhole ? { min: min.map(Number) as [number, number, number], max: max.map(Number) as [number, number, number] } : undefined
}

function placeMark(id: string, label: string, at: readonly (number | '')[]) {
  return at.every((value) => value !== '') ? [{ id, label, at: at.map(Number) as [number, number, number] }] : []
}

/** A box to begin with: a fifth of the travel, in its middle, on its floor. */
function startBox(envelope: BoxDraft): BoxDraft {
  const box = boxOf(envelope)
  if (!box) return { min: ['', '', ''], max: ['', '', ''] }
  const part = (axis: 0 | 1 | 2, share: number) => Math.round(box.min[axis] + (box.max[axis] - box.min[axis]) * share)
  return { min: [part(0, 0.4), part(1, 0.4), Math.round(box.min[2])], max: [part(0, 0.6), part(1, 0.6), part(2, 0.3)] }
}

/** The first free one of box-1, box-2, … */
export function freeId(taken: readonly string[], stem = 'box'): string {
  let number = 1
  while (taken.includes(`${stem}-${number}`)) number++
  return `${stem}-${number}`
}
