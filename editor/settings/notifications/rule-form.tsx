/** A rule while it is written. */
import { Button, Checkbox, MultiSelect, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { NotificationRules, RuleSettings } from '../../../server/api/notification-rules.ts'
import { SEVERITY_NAMES } from '../../../server/api/notification-words.ts'
import { EVENT_SEVERITIES, type Severity } from '../../../server/api/notifications.ts'
import { LANGUAGES, type Language, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { weekFrom } from '../../shared/week.ts'
import { EventPicker, type ToldType } from './parts.tsx'
import { useNotificationsText, useRoleWords } from './words.ts'

interface Props {
  settings: RuleSettings
  choices: NotificationRules['choices']
  onSave: (settings: RuleSettings) => Promise<void>
  onCancel: () => void
}

const WEEK = [1, 2, 3, 4, 5, 6, 7]

export function RuleForm({ settings: given, choices, onSave, onCancel }: Props) {
  const all = useNotificationsText()
  const text = all.rules
  const language = useLanguage()
  const roleWords = useRoleWords()
  const [rule, setRule] = useState(given)
  const [addresses, setAddresses] = useState(given.to.addresses.join('\n'))
  const { isBusy, problem, run } = useDoing()
  const change = (more: Partial<RuleSettings>) => setRule((before) => ({ ...before, ...more }))
  const to = (more: Partial<RuleSettings['to']>) => setRule((before) => ({ ...before, to: { ...before.to, ...more } }))
  const options = (list: readonly { id: string; name: string }[]) => list.map(({ id, name }) => ({ value: id, label: name }))
  const { hours, unacknowledgedS } = rule
  const save = () =>
    run(async () => {
      const lines = addresses.split(/[\n,;]+/).map((line) => line.trim())
      await onSave({ ...rule, name: rule.name.trim(), to: { ...rule.to, addresses: [...new Set(lines.filter(Boolean))] } })
    })
  return (
    <section className="settings-card" aria-label={rule.name || text.newName}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <TextInput
          label={text.name}
          value={rule.name}
          maxLength={80}
          required
          onChange={(event) => change({ name: event.currentTarget.value })}
          data-testid="rule-name"
        />
        <EventPicker label={text.events} description={text.eventsHint} value={rule.events as ToldType[]} onChange={(events) => change({ events })} />
        <div className="settings-fields">
          <Select
            label={text.atLeast}
            data={EVENT_SEVERITIES.map((severity) => ({ value: severity, label: SEVERITY_NAMES[language][severity] }))}
            value={rule.atLeast}
            allowDeselect={false}
            onChange={(atLeast) => atLeast && change({ atLeast: atLeast as Severity })}
          />
          {choices.machines.length > 0 && (
            <MultiSelect
              label={text.machines}
              placeholder={rule.machines.length ? undefined : text.machinesHint}
              data={options(choices.machines)}
              value={rule.machines}
              onChange={(machines) => change({ machines })}
              clearable
            />
          )}
        </div>
        <fieldset className="notify-fieldset">
          <legend>{text.who}</legend>
          <div className="settings-fields">
            <MultiSelect
              label={text.roles}
              data={choices.roles.map((role) => ({ value: role.id, label: roleWords(role) }))}
              value={rule.to.roles}
              onChange={(roles) => to({ roles })}
              searchable
              clearable
              data-testid="rule-roles"
            />
            <MultiSelect label={text.people} data={options(choices.people)} value={rule.to.people} onChange={(people) => to({ people })} searchable clearable />
            {choices.webhooks.length > 0 && (
              <MultiSelect
                label={text.webhooks}
                data={options(choices.webhooks)}
                value={rule.to.webhooks}
                onChange={(webhooks) => to({ webhooks })}
                clearable
              />
            )}
            {choices.connections.length > 0 && (
              <MultiSelect
                label={text.connections}
                description={text.connectionsHint}
                data={options(choices.connections)}
                value={rule.to.connections}
                onChange={(connections) => to({ connections })}
                clearable
              />
            )}
          </div>
          <div className="settings-fields">
            <Textarea
              label={text.addresses}
              description={text.addressesHint}
              value={addresses}
              autosize
              minRows={2}
              onChange={(event) => setAddresses(event.currentTarget.value)}
              data-testid="rule-addresses"
            />
            {addresses.trim() !== '' && (
              <Select
                label={text.language}
                data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
                value={rule.language}
                allowDeselect={false}
                onChange={(chosen) => chosen && change({ language: chosen as Language })}
              />
            )}
          </div>
        </fieldset>
        <fieldset className="notify-fieldset">
          <legend>{text.when}</legend>
          <Checkbox
            label={text.within}
            checked={hours !== undefined}
            onChange={({ currentTarget: { checked } }) =>
              setRule(({ hours: _, ...rest }) => (checked ? { ...rest, hours: { days: [1, 2, 3, 4, 5], from: '06:00', to: '22:00' } } : rest))
            }
          />
          {hours && (
            <>
              <fieldset className="notify-days">
                <legend className="settings-only-read">{text.days}</legend>
                {weekFrom(WEEK).map((day) => (
                  <Checkbox
                    key={day}
                    label={text.dayNames[day - 1]}
                    checked={hours.days.includes(day)}
                    onChange={({ currentTarget: { checked } }) => {
                      const days = WEEK.filter((one) => (one === day ? checked : hours.days.includes(one)))
                      if (days.length) change({ hours: { ...hours, days } })
                    }}
                  />
                ))}
              </fieldset>
              <div className="settings-fields">
                <TextInput
                  type="time"
                  label={text.from}
                  value={hours.from}
                  required
                  onChange={(event) => change({ hours: { ...hours, from: event.currentTarget.value } })}
                />
                <TextInput
                  type="time"
                  label={text.to}
                  value={hours.to}
                  required
                  onChange={(event) => change({ hours: { ...hours, to: event.currentTarget.value } })}
                />
              </div>
              <p className="settings-dim">{text.hoursHint}</p>
            </>
          )}
          <Checkbox
            label={text.unacknowledged}
            description={text.unacknowledgedHint}
            checked={unacknowledgedS !== undefined}
            onChange={({ currentTarget: { checked } }) => setRule(({ unacknowledgedS: _, ...rest }) => (checked ? { ...rest, unacknowledgedS: 300 } : rest))}
          />
          <div className="settings-fields">
            {unacknowledgedS !== undefined && (
              <NumberInput
                label={text.unacknowledgedAfter}
                min={1}
                max={1440}
                value={Math.round(unacknowledgedS / 60)}
                onChange={(minutes) => change({ unacknowledgedS: Math.max(1, Number(minutes) || 1) * 60 })}
              />
            )}
            <NumberInput
              label={text.gather}
              description={text.gatherHint}
              min={0}
              max={3600}
              value={rule.gatherS}
              onChange={(seconds) => change({ gatherS: Math.min(3600, Math.max(0, Math.round(Number(seconds) || 0))) })}
            />
          </div>
        </fieldset>
        {problem !== undefined && (
          <p className="settings-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="settings-actions">
          <Button type="submit" loading={isBusy} disabled={rule.name.trim() === ''} data-testid="rule-save">
            {all.save}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {all.cancel}
          </Button>
        </div>
      </form>
    </section>
  )
}
