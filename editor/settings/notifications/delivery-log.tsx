/** What went out, to whom, and what was given up. */
import { Button, SegmentedControl } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CircleCheck, CircleDashed, CircleSlash, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { eventInWords } from '../../../server/api/notification-words.ts'
import { type Delivery, listDeliveries, sendAgain } from '../../../server/api/notifications.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { problemWords, useNotificationsText } from './words.ts'

const ICONS = { waiting: CircleDashed, sent: CircleCheck, dead: TriangleAlert, dropped: CircleSlash } as const

export function DeliveryLog({ revision, mayChange, webhookId }: { revision: number | undefined; mayChange: boolean; webhookId?: string }) {
  const all = useNotificationsText()
  const text = all.log
  const [state, setState] = useState<'all' | 'waiting' | 'dead'>('all')
  const { value, error, refresh } = useLoad(
    revision === undefined ? undefined : `deliveries ${state} ${webhookId ?? ''}`,
    () => call(listDeliveries, { query: { ...(state === 'all' ? {} : { state }), ...(webhookId === undefined ? {} : { webhookId }) } }),
    revision,
  )
  const again = async ({ id }: Delivery) => {
    try {
      await call(sendAgain, { params: { deliveryId: id } })
      notifications.show({ message: text.sentAgain })
      refresh()
    } catch (problem) {
      notifications.show({ color: 'red', message: problemWords(problem) })
    }
  }
  return (
    <section className="settings-card" aria-labelledby="log-title">
      <div className="settings-head">
        <h3 id="log-title">{text.title}</h3>
        <SegmentedControl
          aria-label={text.show}
          value={state}
          onChange={(chosen) => setState(chosen as typeof state)}
          data={[
            { value: 'all', label: text.all },
            { value: 'waiting', label: text.waiting },
            { value: 'dead', label: text.dead },
          ]}
        />
      </div>
      {!value && <NotRead error={error} onAgain={refresh} words={all} />}
      {value?.length === 0 && <p className="settings-dim">{text.empty}</p>}
      <ul className="settings-list notify-log">
        {value?.map((delivery) => (
          <DeliveryLine key={delivery.id} delivery={delivery} onAgain={mayChange ? () => void again(delivery) : undefined} />
        ))}
      </ul>
    </section>
  )
}

function DeliveryLine({ delivery, onAgain }: { delivery: Delivery; onAgain: (() => void) | undefined }) {
  const all = useNotificationsText()
  const text = all.log
  const language = useLanguage()
  const format = formats(language)
  const { event, state, channel, to, attempts, nextAt, status, error } = delivery
  const Icon = ICONS[state]
  return (
    <li data-testid="delivery" data-state={state}>
      <div>
        <div className="notify-line">
          <Icon size={16} aria-hidden />
          <span>
            <strong>{eventInWords(event, language).title}</strong> {text.to(to, all.channels[channel])}
          </span>
        </div>
        <div className="settings-dim">
          {[
            format.dateTime(event.at),
            text.states[state],
            ...(attempts > 1 ? [text.tries(attempts)] : []),
            ...(status === undefined ? [] : [String(status)]),
            ...(nextAt !== undefined && attempts > 0 ? [text.next(format.dateTime(nextAt))] : []),
          ].join(' · ')}
        </div>
        {error !== undefined && state !== 'sent' && <div className={state === 'dead' ? 'settings-problem' : 'settings-dim'}>{error}</div>}
      </div>
      {state === 'dead' && onAgain && (
        <Button variant="default" size="compact-md" onClick={onAgain}>
          {text.sendAgain}
        </Button>
      )}
    </li>
  )
}
