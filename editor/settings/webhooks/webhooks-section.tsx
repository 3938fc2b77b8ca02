/** Programs that are told of events: the list, one of them with what was sent, and the secret once. */
import '../notifications/notifications.css'
import { Button, CopyButton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CircleCheck, CircleDashed, CirclePause, Plus, TriangleAlert, Webhook as WebhookIcon } from 'lucide-react'
import { useState } from 'react'
import {
  addWebhook,
  changeWebhook,
  listWebhooks,
  removeWebhook,
  rotateWebhookSecret,
  sendAllAgain,
  testWebhook,
  type Webhook,
  type WebhookSettings,
} from '../../../server/api/webhooks.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { DeliveryLog } from '../notifications/delivery-log.tsx'
import { problemWords, useNotificationsText } from '../notifications/words.ts'
import { WebhookForm } from './webhook-form.tsx'

const NEW: WebhookSettings = { name: '', url: '', isOn: true, events: [], allowsPrivate: false, ca: '' }

export function WebhooksSection({ rest, go }: { rest: readonly string[]; go: (...rest: string[]) => void }) {
  const { me } = useMe()
  const all = useNotificationsText()
  const text = all.webhooks
  const [isAdding, setAdding] = useState(false)
  const [secret, setSecret] = useState<string>()
  const revision = useLive('notifications', (_, change) => change).value?.revision
  const { value, error, refresh } = useLoad(revision === undefined ? undefined : 'webhooks', () => call(listWebhooks), revision)
  if (!value) return <NotRead error={error} onAgain={refresh} words={all} />
  const mayChange = may(me, 'system.manage')
  const chosen = value.find(({ id }) => id === rest[0])
  const add = async (settings: WebhookSettings) => {
    const made = await call(addWebhook, { body: settings })
    setAdding(false)
    setSecret(made.secret)
    refresh()
    go(made.webhook.id)
  }
  if (isAdding) return <WebhookForm settings={NEW} onSave={add} onCancel={() => setAdding(false)} />
  if (chosen)
    return (
      <>
        <a href="#webhooks" className="notify-back">
          {text.back}
        </a>
        {secret !== undefined && <Secret secret={secret} onDone={() => setSecret(undefined)} />}
        <Detail key={chosen.id} webhook={chosen} mayChange={mayChange} onChanged={refresh} onSecret={setSecret} onGone={() => go()} />
        <DeliveryLog revision={revision} mayChange={mayChange} webhookId={chosen.id} />
      </>
    )
  return (
    <>
      <p className="settings-dim">
        {text.intro} <a href="/api-docs">{text.docs}</a>
      </p>
      <section className="settings-card" aria-label={all.channels.webhook}>
        {value.length === 0 ? (
          <div className="settings-empty">
            <WebhookIcon size={28} aria-hidden />
            <h3>{text.emptyTitle}</h3>
            <p>{mayChange ? text.empty : all.mayNot}</p>
            {mayChange && (
              <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setAdding(true)} data-testid="add-webhook">
                {text.add}
              </Button>
            )}
          </div>
        ) : (
          mayChange && (
            <div className="settings-actions">
              <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setAdding(true)} data-testid="add-webhook">
                {text.add}
              </Button>
            </div>
          )
        )}
        <ul className="settings-list">
          {value.map((webhook) => (
            <li key={webhook.id} data-testid="webhook">
              <div>
                <a href={`#webhooks/${webhook.id}`}>
                  <strong>{webhook.name}</strong>
                </a>
                <div className="settings-dim">{webhook.url}</div>
                <HookState webhook={webhook} />
              </div>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

/** How it goes: in words and by a shape. */
function HookState({ webhook: { isOn, isGone, last, waiting, dead } }: { webhook: Webhook }) {
  const text = useNotificationsText().webhooks
  const format = formats(useLanguage())
  const Icon = !isOn ? CirclePause : last === undefined ? CircleDashed : last.isSent ? CircleCheck : TriangleAlert
  const words = !isOn
    ? isGone
      ? text.gone
      : text.paused
    : last === undefined
      ? text.never
      : last.isSent
        ? text.lastOk(format.dateTime(last.at), last.status === undefined ? '' : ` (${last.status})`)
        : text.lastFailed(format.dateTime(last.at), last.error ?? '')
  return (
    <div className={isOn && last && !last.isSent ? 'notify-line settings-warn' : 'notify-line'}>
      <Icon size={16} aria-hidden />
      <span>{[words, ...(waiting ? [text.waiting(waiting)] : []), ...(dead ? [text.dead(dead)] : [])].join(' · ')}</span>
    </div>
  )
}

function Secret({ secret, onDone }: { secret: string; onDone: () => void }) {
  const text = useNotificationsText().webhooks
  return (
    <section className="settings-card" aria-labelledby="secret-title" role="status">
      <h3 id="secret-title">{text.secretTitle}</h3>
      <p>{text.secretHint}</p>
      <div className="notify-secret">
        <code data-testid="webhook-secret">{secret}</code>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? text.copied : text.copy}
            </Button>
          )}
        </CopyButton>
      </div>
      <Button onClick={onDone} data-testid="secret-done">
        {text.secretDone}
      </Button>
    </section>
  )
}

interface DetailProps {
  webhook: Webhook
  mayChange: boolean
  onChanged: () => void
  onSecret: (secret: string) => void
  onGone: () => void
}

function Detail({ webhook, mayChange, onChanged, onSecret, onGone }: DetailProps) {
  const all = useNotificationsText()
  const text = all.webhooks
  const format = formats(useLanguage())
  const [isEditing, setEditing] = useState(false)
  const [isRemoving, setRemoving] = useState(false)
  const [isTesting, setTesting] = useState(false)
  const [said, setSaid] = useState<string>()
  const { id, name, url, isOn, events, allowsPrivate, ca, dead, oldSecretUntil } = webhook
  const params = { webhookId: id }
  const settings = { name, url, isOn, events, allowsPrivate, ca }
  const act = async (what: () => Promise<unknown>) => {
    try {
      await what()
      onChanged()
    } catch (problem) {
      setSaid(problemWords(problem))
    }
  }
  const test = async () => {
    setTesting(true)
    setSaid(undefined)
    await act(async () => {
      const { isSent, status = 0, ms, error = '' } = await call(testWebhook, { params })
      setSaid(isSent ? text.testOk(status, ms) : text.testFailed(error))
    })
    setTesting(false)
  }
  if (isEditing)
    return (
      <WebhookForm
        settings={settings}
        onCancel={() => setEditing(false)}
        onSave={async (body) => {
          await call(changeWebhook, { params, body })
          setEditing(false)
          notifications.show({ message: all.saved })
          onChanged()
        }}
      />
    )
  return (
    <section className="settings-card" aria-labelledby="hook-title">
      <h3 id="hook-title">{name}</h3>
      <p className="settings-dim">{url}</p>
      <p className="settings-dim">{events.length ? all.kinds(events.length) : all.everything}</p>
      <HookState webhook={webhook} />
      {oldSecretUntil !== undefined && <p className="settings-dim">{text.both(format.dateTime(oldSecretUntil))}</p>}
      <p aria-live="polite" data-testid="hook-said">
        {said}
      </p>
      {mayChange && !isRemoving && (
        <div className="settings-actions">
          <Button loading={isTesting} onClick={() => void test()} data-testid="test-webhook">
            {text.test}
          </Button>
          <Button
            variant="default"
            onClick={() => void act(() => call(changeWebhook, { params, body: { ...settings, isOn: !isOn } }))}
            data-testid="pause-webhook"
          >
            {isOn ? text.pause : text.resume}
          </Button>
          <Button variant="default" onClick={() => setEditing(true)}>
            {text.edit}
          </Button>
          <Button variant="default" onClick={() => void act(async () => onSecret((await call(rotateWebhookSecret, { params })).secret))}>
            {text.newSecret}
          </Button>
          {dead > 0 && (
            <Button variant="default" onClick={() => void act(() => call(sendAllAgain, { params }))}>
              {text.deadAgain(dead)}
            </Button>
          )}
          <Button variant="subtle" color="gray" onClick={() => setRemoving(true)}>
            {text.remove}
          </Button>
        </div>
      )}
      {isRemoving && (
        <div className="settings-actions" aria-live="polite">
          <span>{text.removeAsk(name)}</span>
          <Button
            color="red"
            onClick={() =>
              void act(async () => {
                await call(removeWebhook, { params })
                onGone()
              })
            }
          >
            {text.removeYes}
          </Button>
          <Button variant="default" onClick={() => setRemoving(false)}>
            {all.cancel}
          </Button>
        </div>
      )}
    </section>
  )
}
