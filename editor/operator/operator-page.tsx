/** The panel: which machine, how it is, what a person can do, and the two stops that never move. */
import './operator.css'
import './panel.css'
import './tabs/tabs.css'
import './cell/cell.css'
import './arrange/grid.css'
import { notifications } from '@mantine/notifications'
import { LogIn, UserRound } from 'lucide-react'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import type { MachineView } from '../../server/api/machines.ts'
import type { PanelMessage } from '../../server/api/panel.ts'
import { builtInLayout, CELL, type PanelPage } from '../../server/api/panel-layouts.ts'
import { Frame } from '../shared/frame.tsx'
import { upsertBy, useLive } from '../shared/live.ts'
import { HostNote } from '../shared/machine/host-note.tsx'
import { StopBar } from '../shared/machine/stop-bar.tsx'
import { may, useMe } from '../shared/me.ts'
import { DashboardTab } from './arrange/dashboard-tab.tsx'
import { GridTab } from './arrange/grid-tab.tsx'
import { atPlace } from './arrange/model.ts'
import type { Parts } from './arrange/parts.tsx'
import { previewedLayout } from './arrange/preview.tsx'
import { useLayout } from './arrange/use-layout.ts'
import { useArrangeText } from './arrange/words.ts'
import { AskCards, AskDialog } from './asks.tsx'
import { CellOverview } from './cell/cell-overview.tsx'
import { ControlBar } from './control/control-bar.tsx'
import { useControl } from './control/use-control.ts'
import { MeasureTab } from './entry/measure-tab.tsx'
import { useSending } from './entry/use-outbox.ts'
import { FlowButtons, PressDialog } from './flow-buttons.tsx'
import { PanelContext, type PanelState } from './gate.ts'
import { useAwake } from './kiosk/awake.ts'
import { PasswordDialog, useFullScreen, useNoWayOut } from './kiosk/kiosk-mode.tsx'
import { useKiosk } from './kiosk/use-kiosk.ts'
import { LostLine } from './lost-line.tsx'
import { MachineStrip } from './machine-strip.tsx'
import { MessagesTab } from './messages/messages-tab.tsx'
import { callsOut } from './messages/urgency.ts'
import { Urgent } from './messages/urgent.tsx'
import { useSound } from './messages/use-sound.ts'
import { LAYER_ID, UNDER_ID } from './operator-dialog.tsx'
import { MESSAGES, PanelTabs } from './panel-tabs.tsx'
import { panelId, usePanelSettings } from './people/panel-settings.ts'
import { PersonDialog, SignInDialog } from './people/person-dialog.tsx'
import { useIdle } from './people/use-idle.ts'
import { usePerson } from './people/use-person.ts'
import { RecentRuns } from './recent-runs.tsx'
import { StartSheet } from './start/start-sheet.tsx'
import { MoveTab } from './tabs/move-tab.tsx'
import { ProgramTab } from './tabs/program-tab.tsx'
import { SetupTab } from './tabs/setup-tab.tsx'
import { StatusTab } from './tabs/status-tab.tsx'
import { WorkTab } from './tabs/work-tab.tsx'
import { Tiles } from './tiles/tiles.tsx'
import { useTiles } from './tiles/use-tiles.ts'
import { useOperatorText, usePanelText } from './use-operator-text.ts'
import { useView } from './use-view.ts'

const Arranger = lazy(async () => ({ default: (await import('./arrange/arranger.tsx')).Arranger }))

/** While one of these is at work the panel counts as used, though nobody touches it. */
const isAtWork = ({ state }: MachineView) => state?.controller === 'jog' || state?.controller === 'home'

export function OperatorPage() {
  const text = useOperatorText()
  const panel = usePanelText()
  const { me } = useMe()
  const machines = useLive(
    'machines',
    upsertBy((machine) => machine.id),
  )
  const buttons = useLive('panel')
  const questions = useLive('asks')
  const told = useLive('panel-messages')
  const tiles = useTiles()
  const runs = useLive(
    'runs',
    upsertBy((run) => run.id),
    may(me, 'runs.view'),
  )
  const control = useControl(`${panel.people.unnamed} ${panelId.slice(0, 3).toUpperCase()}`)
  const settings = usePanelSettings()
  const [view, go] = useView()
  const [opened, setOpened] = useState<string>()
  const [sheet, setSheet] = useState<'start' | 'resume' | 'person' | 'sign-in' | 'password'>()
  const [isArranging, setArranging] = useState(false)
  const arrangeText = useArrangeText()
  const kiosk = useKiosk(me?.userId)
  const mayArrange = may(me, 'panels.arrange') && !previewedLayout
  // whoever may set a kiosk up may leave it
  const isBound = kiosk !== undefined && !mayArrange
  // a link in a mail leads to one question
  const [openedAsk, setOpenedAsk] = useState<string | undefined>(() => new URLSearchParams(location.search).get('ask') ?? undefined)

  const person = usePerson(me, (message) => notifications.show({ color: 'red', title: panel.people.badge, message, autoClose: 8_000 }))
  useSending(me && !me.isLocked ? me.name : undefined)
  const list = machines.value
  const isLocked = me?.isLocked === true
  const left = useIdle(
    kiosk?.lockAfterMin ?? settings.lockAfterMin,
    me !== undefined && !isLocked && me.via === 'session' && !previewedLayout && !list?.some(isAtWork),
    () => void person.leave().catch(() => location.reload()),
  )
  const messages = useMemo(() => told.value ?? [], [told.value])
  useSound(previewedLayout ? NO_MESSAGES : messages)

  // a kiosk begins at its place, and one at a machine shows no other
  const bound = kiosk && (view.kind === 'auto' || (isBound && kiosk.place !== CELL)) ? kiosk.place : undefined
  const named = bound ?? (view.kind === 'machine' ? view.machineId : view.kind === 'cell' ? CELL : undefined)
  // the stops of a kiosk are never those of another machine than its own: where that is gone they are those of all
  const isAstray = isBound && kiosk.place !== CELL && list !== undefined && !list.some(({ id }) => id === kiosk.place)
  const machine =
    list?.find(({ id }) => id === named) ?? (isAstray || named === CELL || (named === undefined && (list?.length ?? 0) > 1) ? undefined : list?.[0])
  const isCell = machine === undefined
  const place = list === undefined ? undefined : (machine?.id ?? CELL)
  const layoutView = useLayout(place, me && `${me.userId} ${me.role}`)
  const tabs = useMemo(() => {
    const { tabs: arranged } = atPlace(previewedLayout ?? layoutView?.layout ?? builtInLayout(place ?? ''), place ?? '')
    return arranged.length ? arranged : builtInLayout(place ?? '').tabs
  }, [layoutView, place])
  const tabId = view.kind === 'auto' ? '' : view.tab
  const tab =
    tabs.find(({ id }) => id === tabId) ?? (tabId === MESSAGES.id ? (tabs.find((one) => one.kind === 'page' && one.page === 'messages') ?? MESSAGES) : tabs[0])
  const page = tab?.kind === 'page' ? tab.page : undefined
  const ofMachine = (machineId: string | undefined) => machineId === undefined || isCell || machineId === machine?.id
  const shownButtons = (buttons.value ?? []).filter(({ machineId }) => ofMachine(machineId))
  const asking = buttons.value?.find((button) => button.nodeId === opened)
  const asks = (questions.value ?? []).filter(({ ask }) => ofMachine(ask.machineId))
  const answering = questions.value?.find(({ stepId }) => stepId === openedAsk)
  const closeAsk = () => {
    setOpenedAsk(undefined)
    if (location.search) history.replaceState(null, '', `${location.pathname}${location.hash}`)
  }
  const open = messages.filter(({ machineId }) => ofMachine(machineId))
  const state: PanelState = {
    control,
    // what is wired to another host is operated there
    mayOperate: may(me, 'machines.operate') && !machine?.host,
    mayPress: may(me, 'panel.press'),
    isLocked,
    isStale: machines.isStale,
  }
  const isStale = machines.isStale || (machine !== undefined && (machine.guard !== 'running' || machine.state?.link !== 'connected'))
  const goTab = (to: string) => go(machine ? { kind: 'machine', machineId: machine.id, tab: to } : { kind: 'cell', tab: to })
  const nameOf = (id: string) => list?.find((one) => one.id === id)?.name ?? id
  const side = (
    <div className="op-side">
      <AskCards asks={asks} me={me} isStale={questions.isStale} onOpen={setOpenedAsk} />
      {buttons.value && <FlowButtons buttons={shownButtons} me={me} isStale={buttons.isStale} onOpen={setOpened} />}
      <Tiles tiles={(tiles.value ?? []).filter(({ machineId }) => ofMachine(machineId))} isStale={tiles.isStale} />
      {runs.value && <RecentRuns runs={runs.value} />}
    </div>
  )
  const missing = useMemo(() => new Set(layoutView?.missing), [layoutView])
  const parts: Parts = {
    machine,
    machines: list ?? [],
    me,
    buttons: buttons.value,
    asks: questions.value ?? [],
    tiles: tiles.value ?? [],
    runs: runs.value,
    messages: open,
    here: ofMachine,
    nameOf,
    isStale,
    stale: { machines: machines.isStale, buttons: buttons.isStale, asks: questions.isStale, tiles: tiles.isStale },
    missing,
    onPress: setOpened,
    onAsk: setOpenedAsk,
    onStart: () => setSheet('start'),
    onResume: () => setSheet('resume'),
    onChoose: (machineId) => go({ kind: 'machine', machineId, tab: '' }),
  }
  const renderPage = (name: PanelPage) => {
    switch (name) {
      case 'cell':
        return (
          <>
            <CellOverview machines={list ?? []} isStale={machines.isStale} onChoose={parts.onChoose} />
            {side}
          </>
        )
      case 'messages':
        return <MessagesTab messages={open} machineId={machine?.id} nameOf={nameOf} />
      default:
        return machine ? pageOfMachine(name, machine) : null
    }
  }
  const pageOfMachine = (name: Exclude<PanelPage, 'cell' | 'messages'>, one: MachineView) => {
    switch (name) {
      case 'status':
        return (
          <>
            <StatusTab machine={one} isStale={isStale} onResume={parts.onResume} />
            {side}
          </>
        )
      case 'program':
        return (
          <ProgramTab
            machine={one}
            isStale={isStale}
            maySee={may(me, 'programs.view') && may(me, 'jobs.view')}
            onStart={parts.onStart}
            onResume={parts.onResume}
          />
        )
      case 'move':
        return <MoveTab machine={one} isStale={isStale} />
      case 'setup':
        return <SetupTab machine={one} />
      case 'measure':
        return <MeasureTab machine={one} me={me} />
      case 'work':
        return <WorkTab machine={one} me={me} runs={runs.value} />
      default:
        return name satisfies never
    }
  }
  const arrange = (isOn: boolean, to?: string) => {
    setOpened(undefined)
    setOpenedAsk(undefined)
    setSheet(undefined)
    setArranging(isOn)
    if (to) goTab(to)
  }
  // whoever arranges goes: what is not saved waits for them in this window
  const isArrangingNow = isArranging && mayArrange && !isLocked && list !== undefined && list.length > 0 && place !== undefined
  useAwake(kiosk !== undefined || settings.staysAwake)
  useFullScreen(isBound)
  const noWayOut = useNoWayOut(isBound, () => setSheet('password'))
  // the last person has gone: a kiosk is at its own view again
  const isAlone = isBound && isLocked
  // biome-ignore lint/correctness/useExhaustiveDependencies: in that moment only
  useEffect(() => {
    if (!isAlone || !kiosk) return
    setSheet(undefined)
    setOpened(undefined)
    setOpenedAsk(undefined)
    go(kiosk.place === CELL ? { kind: 'cell', tab: '' } : { kind: 'machine', machineId: kiosk.place, tab: '' })
  }, [isAlone])
  return (
    <PanelContext.Provider value={state}>
      <div className="op-root" inert={previewedLayout !== undefined} {...noWayOut}>
        <Frame
          page="operator"
          isPanel
          isBound={isBound}
          person={
            <button
              type="button"
              className="op-who"
              data-locked={isLocked || undefined}
              data-testid="who"
              onClick={() => setSheet(isLocked ? 'sign-in' : 'person')}
              disabled={!me}
            >
              {isLocked ? <LogIn size={24} aria-hidden /> : <UserRound size={24} aria-hidden />}
              <span>{isLocked ? panel.people.signIn : (me?.name ?? '')}</span>
            </button>
          }
        >
          <div className="op-page" data-stale={machines.isStale || undefined} data-kiosk={isBound || undefined} data-arranging={isArrangingNow || undefined}>
            <div className="op-main" id={UNDER_ID}>
              {isArrangingNow && place ? (
                <Suspense fallback={<div className="op-skeleton" aria-hidden />}>
                  <Arranger
                    key={place}
                    place={place}
                    shown={layoutView}
                    tabId={tab?.id}
                    parts={parts}
                    renderPage={renderPage}
                    onLeave={(to) => arrange(false, to)}
                  />
                </Suspense>
              ) : (
                <>
                  {/* what is looked at; of a machine's state it is the heading itself */}
                  {list && list.length > 0 && page !== 'status' && <h1 className="op-only-read">{machine?.name ?? panel.cell}</h1>}
                  {list && list.length > 1 && machine && !(isBound && kiosk.place !== CELL) && (
                    <MachineStrip
                      machines={list}
                      chosen={machine?.id}
                      isStale={machines.isStale}
                      onChoose={(id) => go({ kind: 'machine', machineId: id, tab: tab?.id ?? '' })}
                      onCell={() => go({ kind: 'cell', tab: '' })}
                    />
                  )}
                  {list && list.length > 0 && (tabs.length > 1 || mayArrange || tab === MESSAGES) && (
                    <PanelTabs
                      tabs={tabs}
                      shown={tab}
                      open={open.length}
                      isCalling={messages.some(callsOut)}
                      onChoose={goTab}
                      onArrange={mayArrange ? () => arrange(true) : undefined}
                    />
                  )}
                  {machine && <HostNote machine={machine} />}
                  <Urgent
                    messages={page === 'status' && machine ? open.filter((message) => !isSaidByState(message, machine.id)) : open}
                    onOpen={() => goTab(MESSAGES.id)}
                    isHidden={page === 'messages'}
                  />
                  {machine && <ControlBar machine={machine} isQuiet={page !== 'move' && page !== 'setup'} />}
                  {list === undefined && <div className="op-skeleton" aria-hidden />}
                  {isAstray && (
                    <p className="op-problem" role="alert">
                      {arrangeText.kiosk.astray}
                    </p>
                  )}
                  {/* biome-ignore lint/a11y/noNoninteractiveTabindex: all its controls may be off, and it is scrolled by keys then */}
                  <div className="op-content" data-tab={page ?? tab?.kind} key={`${place} ${tab?.id}`} tabIndex={0}>
                    {list?.length === 0 && (
                      <>
                        <section className="op-empty">
                          <h1>{text.noMachine}</h1>
                          <p>{text.noMachineText}</p>
                        </section>
                        {side}
                      </>
                    )}
                    {list && list.length > 0 && (
                      <>
                        {page && renderPage(page)}
                        {tab?.kind === 'grid' && <GridTab items={tab.items} parts={parts} />}
                        {tab?.kind === 'dashboard' && <DashboardTab pageId={tab.pageId} name={tab.name} who={me?.userId} />}
                      </>
                    )}
                  </div>
                </>
              )}
            </div>
            <div className="op-layer" id={LAYER_ID} />
            <LostLine />
            {left !== undefined && <p className="op-idle">{panel.people.leavingIn(String(left))}</p>}
            {answering && !asking && <AskDialog key={answering.stepId} waiting={answering} onClose={closeAsk} />}
            {asking && <PressDialog key={asking.nodeId} button={asking} onClose={() => setOpened(undefined)} />}
            {machine && (sheet === 'start' || sheet === 'resume') && (
              <StartSheet machine={machine} isStale={isStale} isResume={sheet === 'resume'} onClose={() => setSheet(undefined)} />
            )}
            {sheet === 'sign-in' && (
              <SignInDialog
                onSignedIn={() => {
                  person.signedIn()
                  setSheet(undefined)
                }}
                onClose={() => setSheet(undefined)}
              />
            )}
            {sheet === 'password' && (
              <PasswordDialog
                onSignedIn={() => {
                  person.signedIn()
                  setSheet(undefined)
                }}
                onClose={() => setSheet(undefined)}
              />
            )}
            {me && sheet === 'person' && !isLocked && (
              <PersonDialog
                me={me}
                isKiosk={kiosk !== undefined}
                onLeave={() => {
                  setSheet(undefined)
                  person.leave().catch((error: Error) => notifications.show({ color: 'red', title: me.name, message: error.message }))
                }}
                onClose={() => setSheet(undefined)}
              />
            )}
            {isCell && list && list.length > 0 ? (
              <StopBar key="all" machine={undefined} all={list} isAllowed={may(me, 'machines.stop')} />
            ) : (
              <StopBar key={machine?.id} machine={machine} isAllowed={may(me, 'machines.stop')} isNamed={(list?.length ?? 0) > 1} />
            )}
          </div>
        </Frame>
      </div>
    </PanelContext.Provider>
  )
}

const NO_MESSAGES: PanelMessage[] = []

/** The state of the machine, which is shown large just below, says the same. */
const isSaidByState = (message: PanelMessage, machineId: string) =>
  message.kind === 'machine' && message.machineId === machineId && message.endedAt === undefined
