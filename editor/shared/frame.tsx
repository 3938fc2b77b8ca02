/** The frame around every page: where one is, who one is, and what a person must know whatever they do (lost line, safe mode). */
import { Menu, SegmentedControl, Tooltip, UnstyledButton, useMantineColorScheme } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import {
  Activity,
  CalendarClock,
  ChartSpline,
  CircleAlert,
  CircleUserRound,
  Drill,
  FileCode2,
  History,
  LayoutTemplate,
  ListOrdered,
  LogOut,
  MonitorCog,
  Plug,
  Server,
  Settings,
  TriangleAlert,
  Workflow,
} from 'lucide-react'
import { type ReactNode, useEffect, useId, useState } from 'react'
import type { Capability } from '../../server/api/access.ts'
import type { Me } from '../../server/api/people.ts'
import { EnvironmentMark } from './environment-mark.tsx'
import { watchForUpdate } from './installed.ts'
import { onLineBack, useLine, useLive } from './live.ts'
import { Logo } from './logo.tsx'
import { FrameStops } from './machine/frame-stops.tsx'
import { may, signOut, useMe } from './me.ts'
import { formats, LANGUAGES, type Language, setLanguage, useLanguage } from './text/index.ts'
import { useCommonText } from './theme.tsx'
import { useShopDefaults } from './use-shop-defaults.ts'

type PageName =
  | 'designer'
  | 'operator'
  | 'programs'
  | 'machines'
  | 'jobs'
  | 'triggers'
  | 'runs'
  | 'quality'
  | 'connections'
  | 'templates'
  | 'environment'
  | 'settings'
  | 'history'

/** `isInMenu`: found in the account menu, not in the row. */
const PAGES: Record<PageName, { href: string; icon: typeof Workflow; needs?: Capability; isInMenu?: true }> = {
  designer: { href: '/', icon: Workflow, needs: 'flows.view' },
  operator: { href: '/operator', icon: MonitorCog, needs: 'machines.view' },
  programs: { href: '/programs', icon: FileCode2, needs: 'programs.view' },
  machines: { href: '/machines', icon: Drill, needs: 'machines.configure' },
  triggers: { href: '/triggers', icon: CalendarClock, needs: 'runs.view' },
  jobs: { href: '/jobs', icon: ListOrdered, needs: 'jobs.view' },
  runs: { href: '/runs', icon: Activity, needs: 'runs.view' },
  quality: { href: '/quality', icon: ChartSpline, needs: 'quality.view' },
  connections: { href: '/connections', icon: Plug, needs: 'connections.view' },
  templates: { href: '/templates', icon: LayoutTemplate, needs: 'flows.view' },
  history: { href: '/history', icon: History, needs: 'flows.view' },
  environment: { href: '/environment', icon: Server, needs: 'flows.view', isInMenu: true },
  settings: { href: '/settings', icon: Settings, isInMenu: true },
}

const isFor = (me: Me | undefined, name: PageName) => {
  const { needs } = PAGES[name]
  return needs === undefined || may(me, needs)
}

export interface FrameProps {
  page: PageName
  /** Stands between the navigation and the account: a page's own buttons and states. */
  tools?: ReactNode
  /** The panel's frame is taller, for gloves. @defaultValue false */
  isPanel?: boolean
  /** Of a panel that leads nowhere else: no navigation. @defaultValue false */
  isBound?: boolean
  /** In place of the account menu. */
  person?: ReactNode
  children: ReactNode
}

/** Header with navigation and account, the banners, and the page below. The page fills the rest of the window. */
export function Frame({ page, tools, isPanel = false, isBound = false, person, children }: FrameProps) {
  const text = useCommonText()
  const { me } = useMe()
  useShopDefaults(me)
  return (
    <div className={isPanel ? 'cw-frame cw-frame-panel' : 'cw-frame'}>
      <a className="cw-skip" href="#content">
        {text.skip}
      </a>
      <header className="cw-header">
        {isBound ? (
          <span className="cw-brand">
            <Logo />
            <span>{text.product}</span>
          </span>
        ) : (
          <a className="cw-brand" href="/" aria-label={text.product}>
            <Logo />
            <span>{text.product}</span>
          </a>
        )}
        <EnvironmentMark me={me} isBound={isBound} />
        <nav className="cw-nav" aria-label={text.pages.label} hidden={isBound}>
          {(Object.keys(PAGES) as PageName[])
            .filter((name) => !PAGES[name].isInMenu && (name === page || isFor(me, name)))
            .map((name) => {
              const { href, icon: Icon } = PAGES[name]
              return (
                <a key={name} href={href} title={text.pages[name]} aria-current={name === page ? 'page' : undefined}>
                  <Icon size={isPanel ? 22 : 16} aria-hidden />
                  <span>{text.pages[name]}</span>
                </a>
              )
            })}
        </nav>
        <div className="cw-tools">{tools}</div>
        {!isPanel && <FrameStops me={me} />}
        {person ?? <PersonMenu me={me} isPanel={isPanel} />}
      </header>
      <Banners me={me} isBound={isBound} />
      <main id="content" className="cw-content" tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}

const DISK_TEXTS = { low: 'diskLow', critical: 'diskCritical', full: 'diskFull' } as const

/** A kiosk has nobody who would reload it: it does so when nobody has touched it for so long. */
const UNTOUCHED_MS = 15_000

/** Whether the server has another version of this page than the one that is open. */
function useUpdate(isBound: boolean): boolean {
  const [isOld, setOld] = useState(false)
  useEffect(() => watchForUpdate(() => setOld(true), onLineBack), [])
  useEffect(() => {
    if (!isOld || !isBound) return
    let timer = setTimeout(() => location.reload(), UNTOUCHED_MS)
    const wait = () => {
      clearTimeout(timer)
      timer = setTimeout(() => location.reload(), UNTOUCHED_MS)
    }
    const signs = ['pointerdown', 'keydown'] as const
    for (const sign of signs) addEventListener(sign, wait, true)
    return () => {
      clearTimeout(timer)
      for (const sign of signs) removeEventListener(sign, wait, true)
    }
  }, [isOld, isBound])
  return isOld
}

function Banners({ me, isBound }: { me: Me | undefined; isBound: boolean }) {
  const text = useCommonText()
  const line = useLine()
  const flows = useLive('flows', (_, change) => change, may(me, 'flows.view'))
  const format = formats(useLanguage())
  const runtime = flows.value?.runtime
  const health = useLive('health', (_, change) => change, may(me, 'machines.view')).value
  const disk = health?.disk
  const isOld = useUpdate(isBound)
  return (
    <div className="cw-banners" aria-live="polite">
      {isOld && line.state !== 'lost' && (
        <p className="cw-banner" data-state="warning" data-testid="banner-updated">
          <TriangleAlert size={18} aria-hidden /> {text.updated}
          <button type="button" className="cw-banner-button" onClick={() => location.reload()}>
            {text.reload}
          </button>
        </p>
      )}
      {line.state === 'lost' && (
        <p className="cw-banner" data-state="alarm" data-testid="banner-line">
          <CircleAlert size={18} aria-hidden /> {text.line.lost(format.time(line.lostAt ?? new Date()))}
        </p>
      )}
      {line.state !== 'lost' && disk && disk.state !== 'ok' && disk.state !== 'unknown' && (
        <p className="cw-banner" data-state={disk.state === 'low' ? 'warning' : 'alarm'} data-testid="banner-disk">
          <TriangleAlert size={18} aria-hidden /> {text.health[DISK_TEXTS[disk.state]](format.bytes(disk.freeBytes))}
          {may(me, 'system.view') && <a href="/settings#health">{text.health.whatToDelete}</a>}
        </p>
      )}
      {line.state !== 'lost' && health?.tlsTrouble !== undefined && (
        <p className="cw-banner" data-state="warning" data-testid="banner-tls">
          <TriangleAlert size={18} aria-hidden /> {text.health.tlsTrouble(health.tlsTrouble)}
          <a href="/settings#health">{text.health.more}</a>
        </p>
      )}
      {line.state !== 'lost' && health?.store === 'away' && (
        <p className="cw-banner" data-state="alarm" data-testid="banner-store">
          <CircleAlert size={18} aria-hidden /> {text.health.storeAway}
        </p>
      )}
      {line.state !== 'lost' && health?.queues === 'away' && (
        <p className="cw-banner" data-state="warning" data-testid="banner-queues">
          <TriangleAlert size={18} aria-hidden /> {text.health.queuesAway}
        </p>
      )}
      {line.state !== 'lost' && runtime?.flows === 'safe' && (
        <p className="cw-banner" data-state="warning" data-testid="banner-safe">
          <TriangleAlert size={18} aria-hidden /> {text.runtime.safe}
        </p>
      )}
      {line.state !== 'lost' && runtime?.flows !== 'safe' && runtime?.process === 'gone' && (
        <p className="cw-banner" data-state="warning" data-testid="banner-runtime">
          <TriangleAlert size={18} aria-hidden /> {text.runtime.gone}
        </p>
      )}
    </div>
  )
}

function PersonMenu({ me, isPanel }: { me: Me | undefined; isPanel: boolean }) {
  const text = useCommonText()
  const leave = () => signOut().catch((error: Error) => notifications.show({ color: 'red', title: text.failed, message: error.message }))
  return (
    <Menu position="bottom-end" width={260} shadow="md" withinPortal>
      <Menu.Target>
        <Tooltip label={me?.name ?? ''} disabled={!me}>
          <UnstyledButton className="cw-person" aria-label={text.person.menu(me?.name ?? '')} data-testid="person">
            <CircleUserRound size={isPanel ? 26 : 20} aria-hidden />
            <span>{me?.name}</span>
          </UnstyledButton>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {me && (
          <Menu.Label>
            {me.name} · {me.ownRole?.name ?? text.person.roles[me.role]}
          </Menu.Label>
        )}
        <LookChoices />
        <Menu.Divider />
        <Menu.Item component="a" href="/settings#account" leftSection={<CircleUserRound size={16} aria-hidden />} data-testid="to-own-account">
          {text.person.account}
        </Menu.Item>
        {may(me, 'flows.view') && (
          <Menu.Item component="a" href="/environment" leftSection={<Server size={16} aria-hidden />} data-testid="to-environment">
            {text.pages.environment}
          </Menu.Item>
        )}
        <Menu.Item component="a" href="/settings" leftSection={<Settings size={16} aria-hidden />} data-testid="to-settings">
          {text.pages.settings}
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={leave} data-testid="sign-out">
          {text.person.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Colours and language of this browser. @param props.size of its controls; a panel takes larger ones */
export function LookChoices({ size = 'xs' }: { size?: 'xs' | 'lg' }) {
  const text = useCommonText()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const language = useLanguage()
  // the account menu and a page may show them at the same time
  const id = useId()
  return (
    <>
      <div className="cw-menu-choice">
        <span id={`${id}colors`}>{text.person.colors}</span>
        <SegmentedControl
          aria-labelledby={`${id}colors`}
          fullWidth
          size={size}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}
          data={[
            { value: 'light', label: text.person.light },
            { value: 'dark', label: text.person.dark },
            { value: 'auto', label: text.person.system },
          ]}
        />
      </div>
      <div className="cw-menu-choice">
        <span id={`${id}language`}>{text.person.language}</span>
        <SegmentedControl
          aria-labelledby={`${id}language`}
          fullWidth
          size={size}
          value={language}
          onChange={(value) => setLanguage(value as Language)}
          data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        />
      </div>
    </>
  )
}
