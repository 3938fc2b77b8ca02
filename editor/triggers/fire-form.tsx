/** Fires a trigger by hand, with the values it asks for. Where a machine may move, by a kept press only. */
import { Button, NumberInput, Select, Switch, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Play } from 'lucide-react'
import { useRef, useState } from 'react'
import { fireTrigger, type TriggerField, type TriggerView } from '../../server/api/triggers.ts'
import { type ApiError, call } from '../shared/api.ts'
import { HoldToConfirm } from '../shared/machine/hold-to-confirm.tsx'
import { useTriggersText } from './use-triggers-text.ts'

type Values = Record<string, string | number | boolean>

export function FireForm({ trigger, moves, mayFire, onFired }: { trigger: TriggerView; moves: boolean; mayFire: boolean; onFired: () => void }) {
  const text = useTriggersText()
  const [values, setValues] = useState<Values>({})
  const [wrong, setWrong] = useState<{ key: string; message: string }>()
  const [isFiring, setFiring] = useState(false)
  // the same one until the server has answered: a second try after a lost line is no second firing
  const fireId = useRef<string>(undefined)
  const isOff = trigger.kind === 'manual' && !trigger.isOn

  const fire = async () => {
    const missing = trigger.fields.find(({ key, kind, isRequired }) => isRequired && kind !== 'yes-no' && (values[key] === undefined || values[key] === ''))
    if (missing) return setWrong({ key: missing.key, message: text.missing })
    setWrong(undefined)
    setFiring(true)
    fireId.current ??= crypto.randomUUID()
    try {
      const entered = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
      const firing = await call(fireTrigger, { params: { triggerId: trigger.id }, body: { fireId: fireId.current, values: entered } })
      fireId.current = undefined
      notifications.show({
        message: (
          <>
            {text.fired} {firing.runId && <a href={`/runs#${firing.runId}`}>{text.showRun}</a>}
          </>
        ),
      })
    } catch (error) {
      const problem = error as ApiError
      if (problem.status > 0) fireId.current = undefined
      const key = (problem.details as { key?: string } | undefined)?.key
      if (key !== undefined) setWrong({ key, message: problem.message })
      else notifications.show({ color: 'red', message: problem.message })
    } finally {
      setFiring(false)
      onFired()
    }
  }
  const label = trigger.kind === 'manual' ? text.fireManual : text.fire
  const isDisabled = !mayFire || isOff || isFiring
  return (
    <form
      className="triggers-fire"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault()
        if (!moves && !isDisabled) void fire()
      }}
    >
      {trigger.fields.map((field) => (
        <FieldInput
          key={field.key}
          field={field}
          value={values[field.key]}
          error={wrong?.key === field.key ? wrong.message : undefined}
          onChange={(value) => {
            setValues({ ...values, [field.key]: value })
            if (wrong?.key === field.key) setWrong(undefined)
          }}
        />
      ))}
      {trigger.kind !== 'manual' && <p className="list-note">{text.fireSays}</p>}
      {moves ? (
        <HoldToConfirm label={label} says={text.moves} hint={text.movesHint} isDisabled={isDisabled} testId="fire" onConfirm={() => void fire()} />
      ) : (
        <Button
          type="submit"
          variant={trigger.kind === 'manual' ? 'filled' : 'default'}
          leftSection={<Play size={16} aria-hidden />}
          disabled={isDisabled}
          loading={isFiring}
          data-testid="fire"
        >
          {label}
        </Button>
      )}
      {!mayFire && <p className="list-note">{text.mayNotFire}</p>}
    </form>
  )
}

function FieldInput({
  field,
  value,
  error,
  onChange,
}: {
  field: TriggerField
  value: Values[string] | undefined
  error: string | undefined
  onChange: (value: Values[string]) => void
}) {
  const text = useTriggersText()
  const { key, label, kind, unit, isRequired, choices = [] } = field
  const common = { label: isRequired ? label : `${label} (${text.optional})`, error, withAsterisk: isRequired, 'data-testid': `value-${key}` }
  switch (kind) {
    case 'number':
      return (
        <NumberInput
          {...common}
          value={typeof value === 'number' || typeof value === 'string' ? value : ''}
          suffix={unit ? ` ${unit}` : ''}
          onChange={onChange}
        />
      )
    case 'yes-no':
      return <Switch label={label} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} data-testid={common['data-testid']} />
    case 'choice':
      return (
        <Select
          {...common}
          data={choices}
          value={typeof value === 'string' && value ? value : null}
          onChange={(next) => onChange(next ?? '')}
          allowDeselect={!isRequired}
        />
      )
    case 'date':
      return <TextInput {...common} type="date" value={typeof value === 'string' ? value : ''} onChange={(event) => onChange(event.currentTarget.value)} />
    case 'text':
      return <TextInput {...common} value={typeof value === 'string' ? value : ''} onChange={(event) => onChange(event.currentTarget.value)} />
    default:
      return kind satisfies never
  }
}
