/** A webhook while it is written. */
import { Button, Checkbox, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { WebhookSettings } from '../../../server/api/webhooks.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { EventPicker, type ToldType } from '../notifications/parts.tsx'
import { useNotificationsText } from '../notifications/words.ts'

interface Props {
  settings: WebhookSettings
  onSave: (settings: WebhookSettings) => Promise<void>
  onCancel: () => void
}

export function WebhookForm({ settings: given, onSave, onCancel }: Props) {
  const all = useNotificationsText()
  const text = all.webhooks
  const [settings, setSettings] = useState(given)
  const { isBusy, problem, run } = useDoing()
  const change = (more: Partial<WebhookSettings>) => setSettings((before) => ({ ...before, ...more }))
  const save = () =>
    run(async () => {
      await onSave({ ...settings, name: settings.name.trim(), url: settings.url.trim() })
    })
  return (
    <section className="settings-card" aria-label={settings.name || text.add}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <TextInput
          label={text.name}
          value={settings.name}
          maxLength={80}
          required
          onChange={(event) => change({ name: event.currentTarget.value })}
          data-testid="hook-name"
        />
        <TextInput
          label={text.url}
          type="url"
          placeholder={text.urlHint}
          value={settings.url}
          maxLength={1000}
          required
          onChange={(event) => change({ url: event.currentTarget.value })}
          data-testid="hook-url"
        />
        <Checkbox
          label={text.allowsPrivate}
          description={text.allowsPrivateHint}
          checked={settings.allowsPrivate}
          onChange={(event) => change({ allowsPrivate: event.currentTarget.checked })}
          data-testid="hook-private"
        />
        <EventPicker label={text.events} description={text.eventsHint} value={settings.events as ToldType[]} onChange={(events) => change({ events })} />
        <Textarea
          label={text.ca}
          description={text.caHint}
          value={settings.ca}
          autosize
          minRows={2}
          maxRows={6}
          onChange={(event) => change({ ca: event.currentTarget.value })}
        />
        {problem !== undefined && (
          <p className="settings-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="settings-actions">
          <Button type="submit" loading={isBusy} disabled={settings.name.trim() === '' || settings.url.trim() === ''} data-testid="hook-save">
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
