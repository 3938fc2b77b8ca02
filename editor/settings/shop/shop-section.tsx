/** What counts for all pages of the shop: language, time zone, units, weeks. Each counts as soon as it is chosen; the history puts it back. */
import '../people/people.css'
import './shop.css'
import { Radio, Select } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type ReactNode, useState } from 'react'
import { changeSetting, listSettings, type SettingView, type ShopSetting } from '../../../server/api/settings.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { useShopText } from './words.ts'

const ZONES = Intl.supportedValuesOf('timeZone')

export function ShopSection() {
  const text = useShopText()
  const language = useLanguage()
  const { me } = useMe()
  const { value: settings, error, refresh } = useLoad('settings', () => call(listSettings))
  const [problem, setProblem] = useState<{ name: ShopSetting; message: string }>()
  /** What was chosen here, shown at once; back to what was when the server refuses it. */
  const [chosen, setChosen] = useState<Partial<Record<ShopSetting, unknown>>>({})
  if (!settings) return <NotRead error={error} onAgain={refresh} words={text} />
  const mayChange = may(me, 'system.manage')
  const set = async (name: ShopSetting, value: unknown) => {
    setProblem(undefined)
    setChosen((before) => ({ ...before, [name]: value }))
    try {
      await call(changeSetting, { params: { name }, body: { value } })
      notifications.show({ message: text.saved })
    } catch (failed) {
      setChosen(({ [name]: _, ...others }) => others)
      setProblem({ name, message: (failed as Error).message })
    }
    refresh()
  }
  const of = (name: ShopSetting): SettingView => {
    const known = settings.find((one) => one.name === name) ?? { name, value: undefined, isUsual: true }
    return name in chosen ? { ...known, value: chosen[name] } : known
  }
  const zone = String(of('timeZone').value ?? '')
  const card = (name: 'language' | 'timeZone' | 'units' | 'firstDayOfWeek', children: ReactNode) => (
    <Card key={name} setting={of(name)} title={text[name].title} hint={text[name].hint} problem={problem?.name === name ? problem.message : undefined}>
      {children}
    </Card>
  )
  const choice = (name: 'language' | 'units' | 'firstDayOfWeek') => (
    <Radio.Group value={String(of(name).value)} aria-label={text[name].title} onChange={(value) => void set(name, value)} data-testid={`shop-${name}`}>
      <div className="people-ways">
        {Object.entries(text[name].choices).map(([value, label]) => (
          <Radio key={value} value={value} label={label} disabled={!mayChange} data-testid={`shop-${name}-${value}`} />
        ))}
      </div>
    </Radio.Group>
  )
  return (
    <>
      {!mayChange && <p className="settings-dim">{text.mayNot}</p>}
      {card('language', choice('language'))}
      {card(
        'timeZone',
        <>
          <Select
            aria-label={text.timeZone.title}
            searchable
            allowDeselect={false}
            disabled={!mayChange}
            value={zone}
            placeholder={text.timeZone.search}
            nothingFoundMessage={text.timeZone.none}
            limit={60}
            data={[{ value: '', label: text.timeZone.own }, ...ZONES.map((value) => ({ value, label: value.replaceAll('_', ' ') }))]}
            onChange={(value) => value !== null && void set('timeZone', value)}
            data-testid="shop-time-zone"
          />
          {zone !== '' && <p className="settings-dim shop-now">{text.timeZone.now(timeIn(zone, language))}</p>}
        </>,
      )}
      {card('units', choice('units'))}
      {card('firstDayOfWeek', choice('firstDayOfWeek'))}
    </>
  )
}

const timeIn = (timeZone: string, language: string) =>
  new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' }).format(new Date())

function Card({
  setting,
  title,
  hint,
  problem,
  children,
}: {
  setting: SettingView
  title: string
  hint: string
  problem: string | undefined
  children: ReactNode
}) {
  const text = useShopText()
  const format = formats(useLanguage())
  return (
    <section className="settings-card" aria-labelledby={`shop-${setting.name}`}>
      <h3 id={`shop-${setting.name}`}>{title}</h3>
      <p className="settings-dim">{hint}</p>
      {children}
      {problem && (
        <p className="settings-problem" role="alert">
          {problem}
        </p>
      )}
      <p className="settings-dim shop-by">{setting.by && setting.at ? text.by(setting.by, format.dateTime(setting.at)) : text.usual}</p>
    </section>
  )
}
