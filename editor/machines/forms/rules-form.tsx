/** What the guard holds the machine to besides its travel: speeds, codes, homing, errors, tool changes, interlocks. */
import { ActionIcon, Button, Select, Switch, Textarea, TextInput } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import { FeedField, LengthField } from '../../shared/length-field.tsx'
import { NumberField } from '../../shared/number-field.tsx'
import { useMachinesText } from '../use-machines-text.ts'
import type { Draft, InterlockDraft, Problem } from './draft.ts'
import { FormPart, TripleField, useTell } from './fields.tsx'
import { freeId } from './limits-form.tsx'

export interface RulesFormProps {
  draft: Draft
  problems: readonly Problem[]
  onChange: (draft: Draft) => void
}

export function RulesForm({ draft, problems, onChange }: RulesFormProps) {
  const text = useMachinesText().rules
  const tell = useTell(problems)
  const set = (part: Partial<Draft>) => onChange({ ...draft, ...part })
  return (
    <>
      <FormPart title={text.speeds} hint={text.speedsHint}>
        <div className="mf-row">
          <FeedField label={text.maxFeed} value={draft.maxFeed} onChange={(maxFeed) => set({ maxFeed })} error={tell('maxFeed')} placeholder={text.noLimit} />
          <NumberField
            label={text.spindleMin}
            unit="rpm"
            digits={0}
            min={0}
            value={draft.spindleMin}
            onChange={(spindleMin) => set({ spindleMin })}
            placeholder={text.fromController}
          />
          <NumberField
            label={text.spindleMax}
            unit="rpm"
            digits={0}
            min={0}
            value={draft.spindleMax}
            onChange={(spindleMax) => set({ spindleMax })}
            error={tell('spindleMax')}
            placeholder={text.fromController}
          />
          <NumberField
            label={text.maxDwell}
            unit="s"
            digits={0}
            min={0}
            value={draft.maxDwellS}
            onChange={(maxDwellS) => set({ maxDwellS })}
            placeholder={text.noLimit}
          />
        </div>
      </FormPart>
      <FormPart title={text.programs}>
        <Switch
          label={text.mustBeHomed}
          description={text.mustBeHomedHint}
          checked={draft.mustBeHomed}
          onChange={(event) => set({ mustBeHomed: event.currentTarget.checked })}
        />
        <div className="mf-row">
          <Select
            label={text.onLineError}
            value={draft.onLineError}
            onChange={(value) => set({ onLineError: (value ?? 'stop') as Draft['onLineError'] })}
            data={(['stop', 'hold', 'ask'] as const).map((value) => ({ value, label: text.lineErrors[value] }))}
            allowDeselect={false}
          />
          <Select
            label={text.whenRequesterGone}
            description={text.whenRequesterGoneHint}
            value={draft.whenRequesterGone}
            onChange={(value) => set({ whenRequesterGone: value === 'hold' ? 'hold' : 'finish' })}
            data={(['finish', 'hold'] as const).map((value) => ({ value, label: text.requesterGone[value] }))}
            allowDeselect={false}
          />
        </div>
        <TextInput
          label={text.forbidden}
          description={text.forbiddenHint}
          placeholder="M7 G38.2"
          value={draft.forbiddenCodes}
          onChange={(event) => set({ forbiddenCodes: event.currentTarget.value })}
          error={tell('forbiddenCodes')}
          spellCheck={false}
        />
        <NumberField
          label={text.maxCommands}
          description={text.maxCommandsHint}
          unit="1/s"
          digits={0}
          min={1}
          max={100}
          value={draft.maxCommandsPerS}
          onChange={(maxCommandsPerS) => set({ maxCommandsPerS })}
        />
      </FormPart>
      <ToolChangePart draft={draft} problems={problems} onChange={onChange} />
      <InterlocksPart draft={draft} problems={problems} onChange={onChange} />
    </>
  )
}

function ToolChangePart({ draft, problems, onChange }: RulesFormProps) {
  const text = useMachinesText().rules
  const tell = useTell(problems)
  const change = draft.toolChange
  const set = (part: Partial<Draft['toolChange']>) => onChange({ ...draft, toolChange: { ...change, ...part } })
  return (
    <FormPart title={text.toolChange} hint={text.toolChangeHint}>
      <Select
        label={text.toolChangeKind}
        description={text.toolChangeMeanings[change.kind]}
        value={change.kind}
        onChange={(value) => set({ kind: (value ?? 'manual') as Draft['toolChange']['kind'] })}
        data={(['none', 'manual', 'probe-length', 'macro', 'controller'] as const).map((value) => ({ value, label: text.toolChanges[value] }))}
        allowDeselect={false}
        data-testid="tool-change"
      />
      {(change.kind === 'manual' || change.kind === 'probe-length') && (
        <>
          <Switch
            label={text.hasPark}
            description={text.hasParkHint}
            checked={change.hasPark}
            onChange={(event) => set({ hasPark: event.currentTarget.checked })}
          />
          {change.hasPark && (
            <TripleField label={text.park} path="toolChange.park" value={change.park} onChange={(park) => set({ park })} problems={problems} />
          )}
        </>
      )}
      {change.kind === 'probe-length' && (
        <>
          <TripleField
            label={text.setter}
            description={text.setterHint}
            path="toolChange.setterAt"
            value={change.setterAt}
            onChange={(setterAt) => set({ setterAt })}
            problems={problems}
          />
          <div className="mf-row">
            <LengthField
              label={text.setterTravel}
              min={0}
              value={change.setterTravel}
              onChange={(setterTravel) => set({ setterTravel })}
              error={tell('toolChange.setterTravel')}
            />
            <FeedField
              label={text.setterFeed}
              min={1}
              value={change.setterFeed}
              onChange={(setterFeed) => set({ setterFeed })}
              error={tell('toolChange.setterFeed')}
            />
          </div>
        </>
      )}
      {change.kind === 'macro' && (
        <Textarea
          label={text.macro}
          description={text.macroHint}
          value={change.lines}
          onChange={(event) => set({ lines: event.currentTarget.value })}
          error={tell('toolChange.lines')}
          autosize
          minRows={4}
          maxRows={14}
          spellCheck={false}
          classNames={{ input: 'mf-code' }}
        />
      )}
    </FormPart>
  )
}

function InterlocksPart({ draft, problems, onChange }: RulesFormProps) {
  const text = useMachinesText().rules
  const tell = useTell(problems)
  const { interlocks } = draft
  const set = (id: string, part: Partial<InterlockDraft>) =>
    onChange({ ...draft, interlocks: interlocks.map((one) => (one.id === id ? { ...one, ...part } : one)) })
  return (
    <FormPart title={text.interlocks} hint={text.interlocksHint}>
      <ul className="mf-boxes">
        {interlocks.map((one) => (
          <li key={one.id} className="mf-interlock">
            <TextInput
              label={text.interlockName}
              placeholder={text.interlockExample}
              value={one.name}
              onChange={(event) => set(one.id, { name: event.currentTarget.value })}
              error={tell(`interlocks.${one.id}.name`)}
            />
            <NumberField
              label={text.ttl}
              unit="s"
              digits={1}
              value={one.ttlS}
              onChange={(ttlS) => set(one.id, { ttlS })}
              error={tell(`interlocks.${one.id}.ttlS`)}
            />
            <Select
              label={text.whenUnsafe}
              value={one.whenUnsafe}
              onChange={(value) => set(one.id, { whenUnsafe: value === 'refuse' ? 'refuse' : 'hold' })}
              data={(['hold', 'refuse'] as const).map((value) => ({ value, label: text.unsafe[value] }))}
              allowDeselect={false}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              aria-label={text.removeInterlock(one.name)}
              onClick={() => onChange({ ...draft, interlocks: interlocks.filter((other) => other.id !== one.id) })}
            >
              <Trash2 size={18} />
            </ActionIcon>
            <p className="mf-hint">{text.interlockId(one.id)}</p>
          </li>
        ))}
      </ul>
      <Button
        variant="default"
        leftSection={<Plus size={16} aria-hidden />}
        disabled={interlocks.length >= 32}
        onClick={() => {
          const id = freeId(
            interlocks.map((one) => one.id),
            'input',
          )
          onChange({ ...draft, interlocks: [...interlocks, { id, name: '', ttlS: 5, whenUnsafe: 'hold' }] })
        }}
      >
        {text.addInterlock}
      </Button>
    </FormPart>
  )
}
