/** What I am told, and how: for everybody. */
import '../notifications/notifications.css'
import { Button, Select, Switch, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useState } from 'react'
import { getMyNotifications, type MyNotifications, type MySettings, setMyNotifications, testMyNotifications } from '../../../server/api/notification-rules.ts'
import { eventName, GROUP_NAMES } from '../../../server/api/notification-words.ts'
import { EVENT_GROUPS, EVENTS } from '../../../server/api/notifications.ts'
import { call } from '../../shared/api.ts'
import { LANGUAGES, type Language, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import type { ToldType } from '../notifications/parts.tsx'
import { problemWords, useNotificationsText } from '../notifications/words.ts'
import { MyBrowsers } from './my-browsers.tsx'
import { thisDevice } from './this-browser.ts'

export function MyNotificationsSection() {
  const text = useNotificationsText()
  const [device, setDevice] = useState<{ id: string | undefined }>()
  const look = () =>
    void thisDevice().then(
      (id) => setDevice({ id }),
      () => setDevice({ id: undefined }),
    )
  useEffect(look, [])
  const { value, error, refresh } = useLoad(device && `mine ${device.id}`, () =>
    call(getMyNotifications, { query: device?.id === undefined ? {} : { device: device.id } }),
  )
  if (!value) return <NotRead error={error} onAgain={refresh} words={text} />
  const changed = () => {
    look()
    refresh()
  }
  return (
    <>
      <p className="settings-dim">{text.mine.intro}</p>
      <MySettingsForm key={JSON.stringify(value.settings)} found={value} onChanged={changed} />
    </>
  )
}

type Choice = 'asRules' | 'more' | 'muted'

function MySettingsForm({ found, onChanged }: { found: MyNotifications; onChanged: () => void }) {
  const all = useNotificationsText()
  const text = all.mine
  const pageLanguage = useLanguage()
  const isNew = found.settings.address === '' && found.settings.more.length === 0 && found.settings.muted.length === 0 && found.settings.quiet === undefined
  // whoever has set nothing yet gets messages in the language of their pages
  const [settings, setSettings] = useState<MySettings>(isNew ? { ...found.settings, language: pageLanguage } : found.settings)
  const { isBusy, problem, run } = useDoing()
  const [said, setSaid] = useState<string[]>()
  const change = (more: Partial<MySettings>) => setSettings((before) => ({ ...before, ...more }))
  const { quiet } = settings
  const isChanged = JSON.stringify(settings) !== JSON.stringify(found.settings)
  const save = () =>
    run(async () => {
      await call(setMyNotifications, { body: { ...settings, address: settings.address.trim() } })
      notifications.show({ message: all.saved })
      onChanged()
    })
  const test = async () => {
    setSaid(undefined)
    try {
      const { ways } = await call(testMyNotifications)
      const named = (way: string) => all.channels[way as keyof typeof all.channels]
      const sent = ways.filter(({ isSent }) => isSent).map(({ way }) => named(way))
      setSaid([
        ...(sent.length ? [text.testSent(sent.join(', '))] : []),
        ...ways.filter(({ isSent }) => !isSent).map(({ way, error: why }) => text.testFailed(named(way), why ?? '')),
      ])
      onChanged()
    } catch (failed) {
      setSaid([problemWords(failed)])
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <section className="settings-card" aria-labelledby="my-ways">
        <h3 id="my-ways">{text.ways}</h3>
        <div className="notify-ways">
          <div className="settings-fields">
            <TextInput
              label={text.address}
              type="email"
              value={settings.address}
              onChange={(event) => change({ address: event.currentTarget.value })}
              data-testid="my-address"
            />
            <Select
              label={text.language}
              data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
              value={settings.language}
              allowDeselect={false}
              onChange={(language) => language && change({ language: language as Language })}
            />
          </div>
          {!found.hasMail && <p className="settings-dim">{text.noMail}</p>}
          <Switch label={text.byMail} checked={settings.byMail} onChange={(event) => change({ byMail: event.currentTarget.checked })} />
          <Switch
            label={text.byPush}
            description={text.pushHint}
            checked={settings.byPush}
            onChange={(event) => change({ byPush: event.currentTarget.checked })}
          />
          <MyBrowsers found={found} onChanged={onChanged} />
          <div className="settings-actions">
            <Button variant="default" onClick={() => void test()} disabled={isChanged} data-testid="test-mine">
              {text.test}
            </Button>
          </div>
          <div aria-live="polite">
            {said?.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </div>
        </div>
      </section>
      <section className="settings-card" aria-labelledby="my-quiet-title">
        <h3 id="my-quiet-title">{text.quiet}</h3>
        <p className="settings-dim">{text.quietHint}</p>
        <div className="notify-ways">
          <Switch
            label={text.quietOn}
            checked={quiet !== undefined}
            onChange={({ currentTarget: { checked } }) =>
              setSettings(({ quiet: _, ...others }) => (checked ? { ...others, quiet: { from: '22:00', to: '06:00', alarmsToo: false } } : others))
            }
            data-testid="my-quiet"
          />
          {quiet && (
            <>
              <div className="settings-fields">
                <TextInput
                  type="time"
                  label={text.quietFrom}
                  value={quiet.from}
                  required
                  onChange={(event) => change({ quiet: { ...quiet, from: event.currentTarget.value } })}
                />
                <TextInput
                  type="time"
                  label={text.quietTo}
                  value={quiet.to}
                  required
                  onChange={(event) => change({ quiet: { ...quiet, to: event.currentTarget.value } })}
                />
              </div>
              <Switch
                label={text.alarmsToo}
                checked={quiet.alarmsToo}
                onChange={(event) => change({ quiet: { ...quiet, alarmsToo: event.currentTarget.checked } })}
              />
            </>
          )}
        </div>
      </section>
      <section className="settings-card" aria-labelledby="my-what">
        <h3 id="my-what">{text.what}</h3>
        <Kinds found={found} settings={settings} onChange={change} />
      </section>
      {problem !== undefined && (
        <p className="settings-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="settings-actions">
        <Button type="submit" loading={isBusy} disabled={!isChanged} data-testid="save-mine">
          {all.save}
        </Button>
        {isChanged && <span className="settings-dim">{text.unsaved}</span>}
      </div>
    </form>
  )
}

/** Each kind that I may hear of: as the rules say, told, or never. */
function Kinds({ found, settings, onChange }: { found: MyNotifications; settings: MySettings; onChange: (more: Partial<MySettings>) => void }) {
  const text = useNotificationsText().mine
  const language = useLanguage()
  const choiceOf = (type: ToldType): Choice => (settings.muted.includes(type) ? 'muted' : settings.more.includes(type) ? 'more' : 'asRules')
  const choose = (type: ToldType, choice: Choice) => {
    const without = (list: readonly ToldType[]) => list.filter((one) => one !== type)
    onChange({
      more: choice === 'more' ? [...without(settings.more), type] : without(settings.more),
      muted: choice === 'muted' ? [...without(settings.muted), type] : without(settings.muted),
    })
  }
  return EVENT_GROUPS.map((group) => {
    const types = found.mayHear.filter((type) => EVENTS[type].group === group)
    if (types.length === 0) return null
    return (
      <div key={group}>
        <h4>{GROUP_NAMES[language][group]}</h4>
        <div className="notify-kinds">
          {types.map((type) => {
            const rules = found.fromRules.filter(({ events }) => events.includes(type)).map(({ rule }) => rule)
            return (
              <div key={type} className="notify-kind">
                <div>
                  {eventName(type, language)}
                  {rules.length > 0 && <div className="settings-dim">{text.byRule(rules.join(', '))}</div>}
                </div>
                <Select
                  aria-label={text.choiceOf(eventName(type, language))}
                  data={(['asRules', 'more', 'muted'] as const).map((value) => ({ value, label: text.choices[value] }))}
                  value={choiceOf(type)}
                  allowDeselect={false}
                  onChange={(choice) => choice && choose(type, choice as Choice)}
                />
              </div>
            )
          })}
        </div>
      </div>
    )
  })
}
