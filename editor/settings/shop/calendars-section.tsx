/** The works calendars of the running flows, to be read in one place. They are changed where they are: in the flows. */
import '../people/people.css'
import './shop.css'
import { Button } from '@mantine/core'
import { CalendarDays } from 'lucide-react'
import { type FlowNode, getFlows } from '../../../server/api/flows.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { type CalendarFacts, calendarsIn } from './calendars.ts'
import { NotRead } from './not-read.tsx'
import { useShopText } from './words.ts'

export function CalendarsSection() {
  const text = useShopText().calendars
  const { value, error, refresh } = useLoad('flows', async () => calendarsIn((await call(getFlows)).flows as FlowNode[]))
  if (!value) return <NotRead error={error} onAgain={refresh} />
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
          <Button component="a" href="/" variant="default">
            {text.toDesigner}
          </Button>
        </div>
      )}
      {value.map((calendar) => (
        <Calendar key={calendar.id} calendar={calendar} />
      ))}
    </>
  )
}

function Calendar({ calendar }: { calendar: CalendarFacts }) {
  const text = useShopText().calendars
  const format = formats(useLanguage())
  const day = (date: string) => (date.length === 5 ? `${format.day(`2024-${date}`).replace(/\D*2024\D*/, '')} (${text.everyYear})` : format.day(date))
  const days = (list: CalendarFacts['holidays']) => list.map(({ date, label, hours }) => [day(date), label, hours].filter(Boolean).join(' '))
  return (
    <section className="settings-card" aria-labelledby={`calendar-${calendar.id}`} data-testid={`calendar-${calendar.id}`}>
      <div className="settings-head">
        <div>
          <h3 id={`calendar-${calendar.id}`}>{calendar.name || text.unnamed}</h3>
          <span className="settings-dim">{text.zone(calendar.zone || text.serverZone)}</span>
        </div>
        <Button component="a" href={`/#node/${encodeURIComponent(calendar.users[0]?.id ?? calendar.id)}`} variant="default">
          {text.change}
        </Button>
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
            <dd>{days(calendar.exceptions.map((one) => ({ ...one, hours: one.hours ?? text.dayOff }))).join(', ')}</dd>
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
