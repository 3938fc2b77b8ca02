/** A works calendar as a form: shifts, holidays, other days. Saving it deploys the one node that it is. */
import { Button, Checkbox, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Plus, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { deployFlows, type FlowNode, getFlows } from '../../../server/api/flows.ts'
import { sameJson } from '../../../server/api/same-json.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { errorWords } from '../../environment/words.ts'
import { call } from '../../shared/api.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { VersionReason } from '../../shared/version-reason.tsx'
import { weekFrom } from '../../shared/week.ts'
import { type CalendarDay, type CalendarFacts, daysIn, daysText, nodeFor, WEEK } from './calendars.ts'
import { useShopText } from './words.ts'

const ZONES = Intl.supportedValuesOf('timeZone')
const YEARLY = /^\d{2}-\d{2}$/

export interface CalendarFormProps {
  /** Its node as it was when the page read it; none: a new one. */
  before: FlowNode | undefined
  calendar: CalendarFacts
  onDone: (isSaved: boolean) => void
}

export function CalendarForm({ before, calendar, onDone }: CalendarFormProps) {
  const text = useShopText().calendars
  const language = useLanguage()
  const findings = useFindingText()
  const [edited, setEdited] = useState(calendar)
  const [reason, setReason] = useState('')
  const { isBusy, problem, run, say } = useDoing((failed) => errorWords(failed, language, findings))
  const set = (change: Partial<CalendarFacts>) => setEdited((known) => ({ ...known, ...change }))
  const isWhole =
    edited.shifts.every(({ days, from, to, label }) => label.trim() && daysIn(days)?.length && isTime(from) && isTime(to)) &&
    [...edited.holidays, ...edited.exceptions].every(({ date }) => date) &&
    edited.exceptions.every(({ from, to }) => (!from && !to) || (isTime(from) && isTime(to)))
  const save = () =>
    run(async () => {
      const { flows, rev } = await call(getFlows)
      const now = (flows as FlowNode[]).find(({ id }) => id === calendar.id)
      if (!sameJson(now, before)) {
        say(text.changedElsewhere)
        return
      }
      const node = nodeFor(edited, before)
      const next = before ? (flows as FlowNode[]).map((one) => (one.id === node.id ? node : one)) : [...(flows as FlowNode[]), node]
      await call(deployFlows, { body: { flows: next, rev, kind: 'nodes', ...(reason.trim() ? { comment: reason.trim() } : {}) } })
      notifications.show({ message: text.saved })
      onDone(true)
    })
  return (
    <section className="settings-card" aria-label={edited.name || text.unnamed}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <div className="settings-fields">
          <TextInput
            label={text.name}
            value={edited.name}
            maxLength={80}
            required
            onChange={(event) => set({ name: event.currentTarget.value })}
            data-testid="calendar-name"
          />
          <Select
            label={text.zoneLabel}
            searchable
            allowDeselect={false}
            limit={60}
            value={edited.zone}
            data={[{ value: '', label: text.serverZone }, ...ZONES.map((value) => ({ value, label: value.replaceAll('_', ' ') }))]}
            onChange={(zone) => zone !== null && set({ zone })}
          />
        </div>
        <Rows
          title={text.shifts}
          add={text.addShift}
          testId="shift"
          rows={edited.shifts}
          fresh={{ label: '', days: 'Mon-Fri', from: '06:00', to: '14:00' }}
          onChange={(shifts) => set({ shifts })}
          draw={(shift, change) => (
            <>
              <TextInput label={text.shift} value={shift.label} maxLength={40} onChange={(event) => change({ ...shift, label: event.currentTarget.value })} />
              <fieldset className="shop-week">
                <legend>{text.days}</legend>
                {weekFrom(WEEK).map((day) => {
                  const days = daysIn(shift.days) ?? []
                  return (
                    <Checkbox
                      key={day}
                      label={text.weekdays[day]}
                      checked={days.includes(day)}
                      onChange={(event) =>
                        change({ ...shift, days: daysText(event.currentTarget.checked ? [...days, day] : days.filter((one) => one !== day)) })
                      }
                    />
                  )
                })}
              </fieldset>
              <Time label={text.from} value={shift.from} onChange={(from) => change({ ...shift, from })} />
              <Time label={text.to} value={shift.to} onChange={(to) => change({ ...shift, to })} />
            </>
          )}
        />
        <Rows
          title={text.holidays}
          add={text.addHoliday}
          testId="holiday"
          rows={edited.holidays}
          fresh={{ date: '' }}
          onChange={(holidays) => set({ holidays })}
          draw={(day, change) => (
            <>
              <DateField day={day} onChange={change} />
              <Checkbox
                label={text.everyYear}
                checked={YEARLY.test(day.date)}
                disabled={day.date === ''}
                onChange={(event) => change({ ...day, date: event.currentTarget.checked ? day.date.slice(5) : `${new Date().getFullYear()}-${day.date}` })}
              />
              <Label day={day} onChange={change} />
            </>
          )}
        />
        <Rows
          title={text.exceptions}
          hint={text.exceptionsHint}
          add={text.addException}
          testId="exception"
          rows={edited.exceptions}
          fresh={{ date: '' }}
          onChange={(exceptions) => set({ exceptions })}
          draw={(day, change) => (
            <>
              <DateField day={day} onChange={change} />
              <Time label={text.from} value={day.from ?? ''} onChange={(from) => change({ ...day, from })} />
              <Time label={text.to} value={day.to ?? ''} onChange={(to) => change({ ...day, to })} />
              <Label day={day} onChange={change} />
            </>
          )}
        />
        <VersionReason value={reason} onChange={setReason} />
        {problem && (
          <p className="settings-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="settings-actions">
          <Button type="submit" loading={isBusy} disabled={!isWhole || !edited.name.trim()} data-testid="save-calendar">
            {text.save}
          </Button>
          <Button variant="default" onClick={() => onDone(false)}>
            {text.cancel}
          </Button>
        </div>
      </form>
    </section>
  )
}

function Rows<Row>({
  title,
  hint,
  add,
  testId,
  rows,
  fresh,
  onChange,
  draw,
}: {
  title: string
  hint?: string
  add: string
  testId: string
  rows: readonly Row[]
  fresh: Row
  onChange: (rows: Row[]) => void
  draw: (row: Row, change: (row: Row) => void) => ReactNode
}) {
  const { remove } = useShopText().calendars
  return (
    <fieldset className="shop-rows">
      <legend>{title}</legend>
      {hint && <p className="settings-dim">{hint}</p>}
      {rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have nothing else of their own, and every field is controlled
        <div key={at} className="shop-row" data-testid={`${testId}-${at}`}>
          {draw(row, (changed) => onChange(rows.map((one, other) => (other === at ? changed : one))))}
          <Button variant="default" aria-label={remove(`${title} ${at + 1}`)} onClick={() => onChange(rows.filter((_, other) => other !== at))}>
            <X size={16} aria-hidden />
          </Button>
        </div>
      ))}
      <Button variant="default" leftSection={<Plus size={16} aria-hidden />} onClick={() => onChange([...rows, fresh])} data-testid={`add-${testId}`}>
        {add}
      </Button>
    </fieldset>
  )
}

/** By 24 hours, whatever the browser's own fields show. */
const isTime = (text: string | undefined) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text ?? '')

function Time({ label, value, onChange }: { label: string; value: string; onChange: (time: string) => void }) {
  return (
    <TextInput
      className="shop-time"
      label={label}
      value={value}
      placeholder="06:00"
      maxLength={5}
      inputMode="numeric"
      error={value !== '' && value.length >= 5 && !isTime(value)}
      onChange={(event) => onChange(withColon(event.currentTarget.value, value))}
    />
  )
}

/** `0600` as it is typed becomes `06:00`. */
const withColon = (typed: string, before: string) => (/^\d{2}$/.test(typed) && typed.length > before.length ? `${typed}:` : typed.replace(/[^\d:]/g, ''))

/** A day of every year is shown in this year. */
function DateField({ day, onChange }: { day: CalendarDay; onChange: (day: CalendarDay) => void }) {
  const text = useShopText().calendars
  const isYearly = YEARLY.test(day.date)
  return (
    <TextInput
      type="date"
      label={text.date}
      value={isYearly ? `${new Date().getFullYear()}-${day.date}` : day.date}
      onChange={(event) => onChange({ ...day, date: isYearly ? event.currentTarget.value.slice(5) : event.currentTarget.value })}
    />
  )
}

function Label({ day, onChange }: { day: CalendarDay; onChange: (day: CalendarDay) => void }) {
  const text = useShopText().calendars
  return <TextInput label={text.dayName} value={day.label ?? ''} maxLength={60} onChange={(event) => onChange({ ...day, label: event.currentTarget.value })} />
}
