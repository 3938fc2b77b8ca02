/** One's own badge: held to the reader of this computer, which types its number. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IdCard } from 'lucide-react'
import { useState } from 'react'
import type { OwnAccount } from '../../../server/api/own-account.ts'
import { pairBadge } from '../../../server/api/panel.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useBadgeCode } from '../../sign-in/pin-sign-in.tsx'
import { useAccountText } from './words.ts'

export function OwnBadge({ own, onChange }: { own: OwnAccount; onChange: () => void }) {
  const text = useAccountText().badge
  const format = formats(useLanguage())
  const [isWaiting, setWaiting] = useState(false)
  const { busy, problem, run } = useDoing<'pair' | 'remove'>()
  const pair = (code: string | null) =>
    run(
      async () => {
        setWaiting(false)
        await call(pairBadge, { body: { code } })
        onChange()
        notifications.show({ message: code === null ? text.removed : text.paired })
      },
      code === null ? 'remove' : 'pair',
    )
  useBadgeCode((code) => void pair(code), isWaiting)
  return (
    <section className="settings-card" aria-labelledby="own-badge-title">
      <h3 id="own-badge-title">{text.title}</h3>
      <p className="settings-dim">
        {text.hint} <span data-testid="own-badge-state">{own.badgeSince ? text.since(format.dateTime(own.badgeSince)) : text.none}</span>
      </p>
      <p role="status" className="account-waiting">
        {isWaiting && text.waiting}
      </p>
      {problem && (
        <p className="settings-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="settings-actions">
        <Button
          variant="default"
          leftSection={<IdCard size={16} aria-hidden />}
          aria-pressed={isWaiting}
          loading={busy === 'pair'}
          onClick={() => setWaiting(!isWaiting)}
          data-testid="pair-own-badge"
        >
          {isWaiting ? text.stop : own.badgeSince ? text.pairAnother : text.pair}
        </Button>
        {own.badgeSince && (
          <Button variant="default" loading={busy === 'remove'} onClick={() => void pair(null)} data-testid="remove-own-badge">
            {text.remove}
          </Button>
        )}
      </div>
    </section>
  )
}
