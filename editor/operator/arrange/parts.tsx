/** What stands in a place of a layout: a part of the panel's own pages, or one control of a flow. */
import { lazy, Suspense } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import type { PanelMessage, PanelTile } from '../../../server/api/panel.ts'
import type { PanelBlock, Placeable, Shown } from '../../../server/api/panel-layouts.ts'
import type { Me } from '../../../server/api/people.ts'
import type { RunSummary } from '../../../server/api/runs.ts'
import type { WaitingAsk } from '../../../server/api/steps.ts'
import type { PanelButton } from '../../../server/api/work.ts'
import { may } from '../../shared/me.ts'
import { AskCards } from '../asks.tsx'
import { CellOverview } from '../cell/cell-overview.tsx'
import { FlowButtons } from '../flow-buttons.tsx'
import { MessagesTab } from '../messages/messages-tab.tsx'
import { PositionReadout } from '../position-readout.tsx'
import { useRunningProgram } from '../program/use-running-program.ts'
import { ProgramProgress } from '../program-progress.tsx'
import { RecentRuns } from '../recent-runs.tsx'
import { StartKeys } from '../tabs/program-tab.tsx'
import { MachineHead, MachineValues, MachineWaits, OverridesKey } from '../tabs/status-tab.tsx'
import { OrdersCard, QualityCard, QueueCard } from '../tabs/work-tab.tsx'
import { Tiles } from '../tiles/tiles.tsx'
import { usePanelText } from '../use-operator-text.ts'
import { useArrangeText } from './words.ts'

const ProgramPicture = lazy(() => import('../program/program-picture.tsx'))

/** What the panel knows, for whatever stands on it. Lists are whole; `here` says what belongs to what is looked at. */
export interface Parts {
  /** Undefined in the view of all. */
  machine: MachineView | undefined
  machines: readonly MachineView[]
  me: Me | undefined
  buttons: readonly PanelButton[] | undefined
  asks: readonly WaitingAsk[]
  tiles: readonly PanelTile[]
  runs: RunSummary[] | undefined
  messages: readonly PanelMessage[]
  here: (machineId: string | undefined) => boolean
  nameOf: (machineId: string) => string
  /** Of the machine. */
  isStale: boolean
  stale: { machines: boolean; buttons: boolean; asks: boolean; tiles: boolean }
  /** Node ids that the flows do not have. */
  missing: ReadonlySet<string>
  /** What is known of controls besides what runs; only while somebody arranges. */
  placeables?: readonly Placeable[] | undefined
  onPress: (nodeId: string) => void
  onAsk: (stepId: string) => void
  onStart: () => void
  onResume: () => void
  onChoose: (machineId: string) => void
}

/** Whose question, button, value or chart: what people read on it. */
export function labelOf(nodeId: string, { buttons, tiles, asks, placeables }: Parts): string | undefined {
  return (
    buttons?.find((one) => one.nodeId === nodeId)?.label ??
    tiles.find((one) => one.nodeId === nodeId)?.label ??
    placeables?.find((one) => one.nodeId === nodeId)?.label ??
    asks.find((one) => one.nodeId === nodeId)?.ask.title
  )
}

/** Undefined: there is nothing to show an operator. */
export const isLeftOut = (shows: Shown, { missing }: Parts): boolean => shows.kind === 'node' && missing.has(shows.nodeId)

export function Part({ shows, parts }: { shows: Shown; parts: Parts }) {
  return shows.kind === 'node' ? <NodePart nodeId={shows.nodeId} parts={parts} /> : <Block block={shows.block} parts={parts} />
}

function NodePart({ nodeId, parts }: { nodeId: string; parts: Parts }) {
  const text = useArrangeText()
  const { me, buttons = [], tiles, asks, stale, onPress, onAsk } = parts
  const button = buttons.find((one) => one.nodeId === nodeId)
  if (button) return <FlowButtons buttons={[button]} me={me} isStale={stale.buttons} onOpen={onPress} />
  const tile = tiles.find((one) => one.nodeId === nodeId)
  if (tile) return <Tiles tiles={[tile]} isStale={stale.tiles} />
  const asked = asks.filter((one) => one.nodeId === nodeId)
  if (asked.length) return <AskCards asks={asked} me={me} isStale={stale.asks} onOpen={onAsk} />
  const label = labelOf(nodeId, parts)
  const type = parts.placeables?.find((one) => one.nodeId === nodeId)?.type
  // a question has no face while nobody is asked; without the list of controls it cannot be told from one that waits for its flow
  const says = parts.missing.has(nodeId) ? text.grid.missing : type && type !== 'cw-approval' ? text.grid.wait : text.grid.noQuestion
  return (
    <div className="op-place-none" data-missing={parts.missing.has(nodeId) || undefined}>
      <strong>{label ?? (parts.placeables ? text.unknown(nodeId) : '')}</strong>
      <span>{says}</span>
    </div>
  )
}

function Block({ block, parts }: { block: PanelBlock; parts: Parts }) {
  const { machine, me, isStale, stale, here } = parts
  switch (block) {
    case 'orders':
      return <OrdersCard me={me} />
    case 'runs':
      return parts.runs ? <RecentRuns runs={parts.runs} /> : null
    case 'buttons':
      return <FlowButtons buttons={(parts.buttons ?? []).filter(({ machineId }) => here(machineId))} me={me} isStale={stale.buttons} onOpen={parts.onPress} />
    case 'asks':
      return <Asks parts={parts} />
    case 'tiles':
      return <Tiles tiles={parts.tiles.filter(({ machineId }) => here(machineId))} isStale={stale.tiles} />
    case 'messages':
      return <MessagesTab messages={parts.messages} machineId={machine?.id} nameOf={parts.nameOf} />
    case 'machines':
      return <CellOverview machines={parts.machines} isStale={stale.machines} onChoose={parts.onChoose} />
    default:
      return machine ? <MachineBlock block={block} machine={machine} isStale={isStale} parts={parts} /> : null
  }
}

function Asks({ parts }: { parts: Parts }) {
  const text = useArrangeText()
  const asks = parts.asks.filter(({ ask }) => parts.here(ask.machineId))
  if (!asks.length)
    return (
      <div className="op-place-none">
        <span>{text.grid.noQuestion}</span>
      </div>
    )
  return <AskCards asks={asks} me={parts.me} isStale={parts.stale.asks} onOpen={parts.onAsk} />
}

type OfMachine = Exclude<PanelBlock, 'orders' | 'runs' | 'buttons' | 'asks' | 'tiles' | 'messages' | 'machines'>

function MachineBlock({ block, machine, isStale, parts }: { block: OfMachine; machine: MachineView; isStale: boolean; parts: Parts }) {
  switch (block) {
    case 'state':
      return (
        <section className={`op-machine ${machine.isVirtual ? 'cw-virtual' : ''}`} aria-label={machine.name}>
          <MachineHead machine={machine} isStale={isStale} />
          <MachineWaits machine={machine} isStale={isStale} onResume={parts.onResume} />
        </section>
      )
    case 'position':
      return (
        <div className="op-card">
          <PositionReadout machine={machine} isStale={isStale} />
        </div>
      )
    case 'values':
      return (
        <div className="op-card">
          <MachineValues machine={machine} isStale={isStale} />
        </div>
      )
    case 'overrides':
      return <OverridesKey machine={machine} isStale={isStale} />
    case 'program':
      return (
        <div className="op-card">
          <ProgramProgress job={machine.state?.job} isStale={isStale} />
        </div>
      )
    case 'start':
      return (
        <div className="op-card">
          <StartKeys machine={machine} onStart={parts.onStart} onResume={parts.onResume} />
        </div>
      )
    case 'path':
      return <Path machine={machine} isStale={isStale} maySee={may(parts.me, 'programs.view') && may(parts.me, 'jobs.view')} />
    case 'queue':
      return <QueueCard machine={machine} me={parts.me} />
    case 'quality':
      return <QualityCard machineId={machine.id} />
    default:
      return block satisfies never
  }
}

function Path({ machine, isStale, maySee }: { machine: MachineView; isStale: boolean; maySee: boolean }) {
  const text = usePanelText().program
  const { program, error } = useRunningProgram(machine, maySee)
  const { job, resumable } = machine.state ?? {}
  if (!program)
    return (
      <div className="op-place-none">
        <span>{error ?? (job ? text.loading : text.none)}</span>
      </div>
    )
  return (
    <Suspense fallback={<div className="op-skeleton" aria-hidden />}>
      <ProgramPicture machine={machine} program={program} isStale={isStale} line={job?.currentLine ?? resumable?.line ?? 0} isAtWork={job !== undefined} />
    </Suspense>
  )
}
