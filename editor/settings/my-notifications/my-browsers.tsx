/** The browsers that show my messages, this one among them. */
import { Button } from '@mantine/core'
import { useState } from 'react'
import { type MyNotifications, removePushDevice } from '../../../server/api/notification-rules.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { problemWords, useNotificationsText } from '../notifications/words.ts'
import { ability, showMessagesHere, showNoMessagesHere } from './this-browser.ts'

export function MyBrowsers({ found, onChanged }: { found: MyNotifications; onChanged: () => void }) {
  const text = useNotificationsText().mine
  const format = formats(useLanguage())
  const [error, setError] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const [can, setCan] = useState(ability)
  const isHere = found.devices.some(({ isThis }) => isThis)
  const act = async (what: () => Promise<unknown>) => {
    setBusy(true)
    setError(undefined)
    try {
      await what()
      onChanged()
    } catch (problem) {
      setError(text.pushFailed(problemWords(problem)))
    } finally {
      setCan(ability())
      setBusy(false)
    }
  }
  const remove = (id: string, isThis: boolean) =>
    act(async () => {
      await call(removePushDevice, { params: { deviceId: id } })
      if (isThis) await showNoMessagesHere()
    })
  return (
    <>
      {can !== 'can' && <p className="settings-dim">{text[can]}</p>}
      {can === 'can' && !isHere && (
        <div className="settings-actions">
          <Button variant="default" loading={isBusy} onClick={() => void act(() => showMessagesHere(found.pushKey))} data-testid="allow-push">
            {text.allow}
          </Button>
        </div>
      )}
      <div aria-live="polite">{error !== undefined && <p className="settings-problem">{error}</p>}</div>
      {found.devices.length > 0 && (
        <>
          <h4>{text.devices}</h4>
          <ul className="settings-list">
            {found.devices.map(({ id, name, at, isThis }) => (
              <li key={id} data-testid="push-device">
                <div>
                  {name} {isThis && <strong>({text.thisOne})</strong>}
                  <div className="settings-dim">{text.since(format.dateTime(at))}</div>
                </div>
                <Button variant="subtle" color="gray" disabled={isBusy} onClick={() => void remove(id, isThis)} aria-label={`${text.removeDevice}: ${name}`}>
                  {isThis ? text.stop : text.removeDevice}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}
