/** The works calendars of the running flows, to be read in one place. They are changed where they are: in the flows. */
import '../people/people.css'
import './shop.css'
import { Button } from '@mantine/core'
import { CalendarDays, Pencil, Plus } from 'lucide-react'
import { useState } from 'react'
import { type FlowNode, getFlows } from '../../../server/api/flows.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { CalendarForm } from './calendar-form.tsx'
import { type CalendarDay, type CalendarFacts, calendarsIn } from './calendars.ts'
import { useShopText } from './words.ts'

export function CalendarsSection() {
  const all = useShopText()
  const text = all.calendars
  const { me } = useMe()
  const { value: flows, error, refresh } = useLoad('flows', async () => (await call(getFlows)).flows as FlowNode[])
  const [edited, setEdited] = useState<CalendarFacts>()
  if (!flows) return <NotRead error={error} onAgain={refresh} words={all} />
  const mayChange = may(me, 'flows.deploy')
  const done = (isSaved: boolean) => {
    setEdited(undefined)
    if (isSaved) refresh()
  }
  if (edited) return <CalendarForm before={flows.find(({ id }) => id === edited.id)} calendar={edited} onDone={done} />
  const value = calendarsIn(flows)
  return (
    <>
      <p className="settings-dim">{text.intro}</p>
      {value.length === 0 && (
        <div className="settings-empty" data-testid="no-calendar">
          <CalendarDays size={32} aria-hidden />
          <p>
            <strong>{text.none}</strong>
          </p>
          <p>{text.noneHow}</p>
        </div>
      )}
      {value.map((calendar) => (
        <Calendar key={calendar.id} calendar={calendar} onChange={mayChange ? () => setEdited(calendar) : undefined} />
      ))}
      {mayChange && (
        <Button
          variant={value.length ? 'default' : 'filled'}
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => setEdited({ ...FIRST, id: freshId(), name: text.unnamed })}
          data-testid="make-calendar"
        >
          {text.make}
        </Button>
      )}
    </>
  )
}

const FIRST: CalendarFacts = {
  ...{ id: '', name: '', zone: '', holidays: [], exceptions: [], users: [] },
  shifts: [{ label: '1', days: 'Mon-Fri', from: '06:00', to: '14:00' }],
}
/** As Node-RED makes its ids. */
const freshId = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

function Calendar({ calendar, onChange }: { calendar: CalendarFacts; onChange: (() => void) | undefined }) {
  const text = useShopText().calendars
  const format = formats(useLanguage())
  const day = (date: string) => (date.length === 5 ? `${format.day(`2024-${date}`).replace(/\D*2024\D*/, '')} (${text.everyYear})` : format.day(date))
  const days = (list: readonly CalendarDay[], none = '') =>
    list.map(({ date, label, from, to }) => [day(date), label, from && to ? `${from} – ${to}` : none].filter(Boolean).join(' '))
  return (
    <section className="settings-card" aria-labelledby={`calendar-${calendar.id}`} data-testid={`calendar-${calendar.id}`}>
      <div className="settings-head">
        <div>
          <h3 id={`calendar-${calendar.id}`}>{calendar.name || text.unnamed}</h3>
          <span className="settings-dim">{text.zone(calendar.zone || text.serverZone)}</span>
        </div>
        {onChange && (
          <Button variant="default" leftSection={<Pencil size={16} aria-hidden />} onClick={onChange} data-testid="change-calendar">
            {text.change}
          </Button>
        )}
      </div>
      {calendar.shifts.length === 0 ? (
        <p className="settings-warn">{text.noShifts}</p>
      ) : (
        <table className="people-table shop-shifts">
          <thead>
            <tr>
              <th scope="col">{text.shift}</th>
              <th scope="col">{text.days}</th>
              <th scope="col">{text.hours}</th>
            </tr>
          </thead>
          <tbody>
            {calendar.shifts.map(({ label, days: on, from, to }) => (
              <tr key={`${label} ${on} ${from}`}>
                <th scope="row">{label}</th>
                <td data-label={text.days}>{on}</td>
                <td data-label={text.hours}>
                  {from} – {to}
                  {to <= from && <span className="settings-dim"> {text.overnight}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <dl className="settings-facts shop-days">
        <div>
          <dt>{text.holidays}</dt>
          <dd>{days(calendar.holidays).join(', ') || text.noHolidays}</dd>
        </div>
        {calendar.exceptions.length > 0 && (
          <div>
            <dt>{text.exceptions}</dt>
            <dd>{days(calendar.exceptions, text.dayOff).join(', ')}</dd>
          </div>
        )}
        <div>
          <dt>{text.usedBy}</dt>
          <dd>
            {calendar.users.length === 0
              ? text.nobody
              : calendar.users.map(({ id, name }, at) => (
                  <span key={id}>
                    {at > 0 && ', '}
                    <a href={`/#node/${encodeURIComponent(id)}`}>{name}</a>
                  </span>
                ))}
          </dd>
        </div>
      </dl>
    </section>
  )
}
