/** The designer's page: palette, tabs, canvas, one side panel, and the dialogs. */
import { Button, Skeleton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { NodeType } from '../../server/api/flows.ts'
import { Frame } from '../shared/frame.tsx'
import { useLanguage } from '../shared/text/index.ts'
import { useCommonText } from '../shared/theme.tsx'
import { type CanvasHandle, CanvasView } from './canvas/canvas-view.tsx'
import type { PortHit } from './canvas/port-flow.ts'
import { ConfigPanel } from './config/config-panel.tsx'
import { ConflictDialog } from './deploy/conflict-dialog.tsx'
import { FlowSession } from './deploy/session.ts'
import { ConnectMode } from './dialogs/connect-mode.tsx'
import { ExportDialog, ImportDialog, type ImportTo } from './dialogs/import-export.tsx'
import { QuickAdd } from './dialogs/quick-add.tsx'
import { ShortcutsDialog } from './dialogs/shortcuts.tsx'
import { SignInAgain } from './dialogs/sign-in-again.tsx'
import { EmptyFlows, EmptyTab } from './empty-state.tsx'
import { FEATURES } from './features.tsx'
import { recentTypes } from './find/kept.ts'
import { useFindText } from './find/text.ts'
import { DesignerHost, type PageServices } from './host/designer-host.ts'
import { HostContext, useAllPanels, useHost } from './host/use-host.ts'
import { paste, readFlows, replaceSame } from './model/clipboard.ts'
import { addNode, addTab, connect, freeTabName, type Point, spliceInto } from './model/commands.ts'
import type { FlowNode } from './model/raw.ts'
import { freePlace, nextPlace } from './palette/free-place.ts'
import { Palette } from './palette/palette.tsx'
import { DebugLog } from './panels/debug-log.ts'
import { TabBar } from './tabs/tab-bar.tsx'
import { useDesignerText } from './text.ts'
import { PanelRail, Toolbar } from './toolbar.tsx'
import { useConnection } from './use-connection.ts'
import { useProblems } from './use-problems.ts'
import { SessionContext, useSession } from './use-session.ts'
import { useWorkspace, WorkspaceContext } from './use-workspace.ts'
import { Workspace } from './workspace.ts'

export function DesignerPage() {
  const [workspace] = useState(() => new Workspace())
  const [session] = useState(() => new FlowSession(workspace))
  const [host] = useState(() => new DesignerHost({ workspace, session, log: new DebugLog() }))
  const language = useLanguage()
  useEffect(() => workspace.speak(language), [workspace, language])
  return (
    <WorkspaceContext value={workspace}>
      <SessionContext value={session}>
        <HostContext value={host}>
          <Designer />
          <SignInAgain />
          {FEATURES.map(({ name, Feature }) => (
            <Feature key={name} />
          ))}
        </HostContext>
      </SessionContext>
    </WorkspaceContext>
  )
}

type Dialog = 'import' | 'export' | 'export-selection' | 'shortcuts' | { connect: string }
interface Adding {
  at: Point
  window: { clientX: number; clientY: number }
  from: PortHit | undefined
}

/** Below this the palette lies over the canvas and is closed to begin with. */
const NARROW_PX = 900

function Designer() {
  const text = useDesignerText()
  const find = useFindText()
  const common = useCommonText()
  const workspace = useWorkspace('place')
  const session = useSession()
  const { model } = workspace
  const host = useHost()
  const handle = useRef<CanvasHandle>(null)
  const pointer = useRef<{ clientX: number; clientY: number }>(undefined)
  const takeHandle = useCallback(
    (made: CanvasHandle | null) => {
      handle.current = made
      host.handle = made
    },
    [host],
  )
  const [panel, setPanel] = useState<string>()
  const [edited, setEdited] = useState<readonly string[]>([])
  const [dialog, setDialog] = useState<Dialog>()
  const [adding, setAdding] = useState<Adding>()
  const [isPaletteOpen, setPaletteOpen] = useState(() => innerWidth > NARROW_PX)
  const { kind } = session
  useEffect(() => host.setEdited(edited.at(-1)), [host, edited])

  useConnection(session, workspace, host.log)
  useProblems(text.wrong)
  // a refused deploy shows what to solve
  useEffect(() => {
    if (session.deploy.is === 'failed' && session.deploy.problems.length > 0) {
      setEdited([])
      setPanel('problems')
    }
  }, [session.deploy])
  useEffect(() => {
    document.title = `${text.title} · Cellwright`
  }, [text])

  const focus = useCallback(() => handle.current?.focus(), [])
  const edit = useCallback((id: string) => {
    if (id.includes('#')) return
    setPanel(undefined)
    setEdited([id])
    // the panel takes room: what is edited stays in view
    requestAnimationFrame(() => {
      const shown = handle.current?.element?.getBoundingClientRect()
      const side = document.querySelector('.designer-side')?.getBoundingClientRect()
      const coveredRight = shown && side ? Math.max(0, shown.right - side.left) : 0
      void handle.current?.canvas?.reveal(id, { isZoomKept: true, coveredRight })
    })
  }, [])
  const openPanel = useCallback((name: string | undefined) => {
    setEdited([])
    setPanel((before) => (before === name ? undefined : name))
  }, [])
  const closeSide = useCallback(() => {
    setPanel(undefined)
    setEdited([])
    focus()
  }, [focus])

  /** A tab to put things on: the shown one, or a first one. */
  const ensurePlace = () => {
    if (workspace.place !== undefined) return workspace.place
    const id = addTab(model, freeTabName(model, text.tabs.word))
    workspace.open(id)
    return id
  }
  const put = (type: NodeType, at: Point, from?: PortHit) => {
    let id = ''
    model.edit('add', () => {
      id = addNode(model, { type, parent: ensurePlace(), at: { x: Math.round(at.x / 20) * 20, y: Math.round(at.y / 20) * 20 } })
      if (from) connect(model, ...((from.side === 'output' ? [from, { id, port: 0 }] : [{ id, port: 0 }, from]) as [PortHit, PortHit]))
    })
    workspace.select([id])
    focus()
    recentTypes.add(type.type)
    host.say(from ? find.quickAdd.addedWired(type.label) : find.quickAdd.added(type.label))
    return id
  }
  const dropOnWire = (type: NodeType, at: Point) => {
    const canvas = handle.current?.canvas
    const wire = canvas && type.inputs > 0 && type.outputs > 0 ? canvas.wireNear(at, 14) : undefined
    const target = wire === undefined ? undefined : canvas?.area.wires.get(wire)
    model.edit(target ? 'splice' : 'add', () => {
      const id = put(type, at)
      if (target) spliceInto(model, id, target)
    })
    canvas?.setHover(undefined)
  }
  const paletteHost = {
    over: (type: NodeType, at: { clientX: number; clientY: number } | undefined) => {
      const canvas = handle.current?.canvas
      const wire = canvas && at && type.inputs > 0 && type.outputs > 0 ? canvas.wireNear(canvas.view.toCanvas(at), 14) : undefined
      canvas?.setHover(wire)
    },
    drop: (type: NodeType, at: { clientX: number; clientY: number }) => {
      const canvas = handle.current?.canvas
      if (!canvas) return
      canvas.view.measurePlace()
      dropOnWire(type, canvas.view.toCanvas(at))
      if (innerWidth <= NARROW_PX) setPaletteOpen(false)
    },
    click: (type: NodeType) => {
      const canvas = handle.current?.canvas
      put(type, nextPlace(workspace, canvas?.view.middle ?? { x: 200, y: 200 }))
    },
  }
  /** @param at where a file was dropped; otherwise it is under the pointer, or in the middle */
  const pasteText = (pasted: string, at?: Point) => {
    const read = readFlows(pasted)
    if ('error' in read) {
      notifications.show({ color: 'red', title: common.failed, message: text.canvas.pasteFailed })
      return
    }
    bring(read.nodes, at ? { to: 'here', at, label: 'import' } : { to: 'here', at: underPointer(), label: 'paste' })
  }
  const underPointer = (): Point => {
    const canvas = handle.current?.canvas
    if (canvas && pointer.current) canvas.view.measurePlace()
    return canvas ? (pointer.current ? canvas.view.toCanvas(pointer.current) : canvas.view.middle) : { x: 0, y: 0 }
  }
  const bring = (nodes: readonly FlowNode[], { to, at, label }: { to: ImportTo; at: Point; label: 'paste' | 'import' }) => {
    let shown = ''
    let added: ReadonlySet<string> = new Set()
    const isDone = model.edit(label, () => {
      const hasTabs = nodes.some((node) => node.type === 'tab')
      const before = new Set(model.tabs().map((tab) => tab.id))
      const parent = to === 'new' || (workspace.place === undefined && !hasTabs) ? addTab(model, freeTabName(model, text.tabs.word)) : (workspace.place ?? '')
      if (to === 'replace') replaceSame(model, nodes, { parent })
      else added = paste(model, nodes, { parent, at, label })
      shown = model.tabs().find((one) => !before.has(one.id))?.id ?? nodes.find((node) => to === 'replace' && node.type === 'tab')?.id ?? parent
    })
    focus()
    if (!isDone) return
    workspace.open(shown)
    workspace.select([...added].filter((id) => model.get(id)?.z === shown))
    const [first] = workspace.selection
    if (first !== undefined) requestAnimationFrame(() => void handle.current?.canvas?.reveal(first, { isZoomKept: true }))
    if (label === 'import') notifications.show({ message: text.io.imported(nodes.length) })
  }

  const page: PageServices = {
    edit,
    openPanel,
    closeSide,
    quickAdd: (at, window, from) => setAdding({ at, window, from }),
    add: paletteHost.click,
    connect: (id) => setDialog({ connect: id }),
    deploy: () => void session.run(kind),
    importFlows: () => setDialog('import'),
    exportFlows: () => setDialog(workspace.selection.size > 0 ? 'export-selection' : 'export'),
    paste: (pasted) => pasteText(pasted),
    showShortcuts: () => setDialog('shortcuts'),
    togglePalette: () => setPaletteOpen((isOpen) => !isOpen),
  }
  useEffect(() => {
    host.page = page
  })

  const closeDialog = () => {
    setDialog(undefined)
    focus()
  }
  const shownAdding = adding
  const isLoaded = session.load.is === 'loaded'
  const isEmpty = isLoaded && model.tabs().length === 0
  return (
    <Frame
      page="designer"
      tools={<Toolbar kind={kind} onKind={(next) => session.setKind(next)} isPaletteOpen={isPaletteOpen} onPalette={() => setPaletteOpen(!isPaletteOpen)} />}
    >
      <div className="designer" data-palette={isPaletteOpen || undefined} data-side={panel !== undefined || edited.length > 0 || undefined}>
        {isPaletteOpen && <Palette canvas={() => handle.current?.element ?? null} host={paletteHost} />}
        <div className="designer-middle">
          <TabBar onOpenSettings={edit} />
          <NewerBanner />
          <div
            className="designer-canvas"
            onPointerMove={(event) => {
              pointer.current = { clientX: event.clientX, clientY: event.clientY }
            }}
            onPointerLeave={() => {
              pointer.current = undefined
            }}
          >
            <CanvasView ref={takeHandle} edit={edit} quickAdd={(at, window, from) => setAdding({ at, window, from })} paste={pasteText} onEscape={closeSide} />
            {session.load.is === 'loading' && <Skeleton className="designer-loading" aria-label={text.loading} />}
            {session.load.is === 'failed' && (
              <div className="designer-empty" role="alert">
                <h2>{text.loadFailed}</h2>
                <p>{session.load.message}</p>
                <Button onClick={() => void session.open()}>{common.retry}</Button>
              </div>
            )}
            {isEmpty && <EmptyFlows onImport={() => setDialog('import')} onStarted={() => void session.open()} />}
            {isLoaded && !isEmpty && <EmptyTab />}
          </div>
        </div>
        <Side panel={panel} edited={edited} onEdited={setEdited} onClose={closeSide} />
        <PanelRail panel={panel} onPanel={openPanel} />
      </div>
      {shownAdding && (
        <QuickAdd
          at={shownAdding.window}
          from={shownAdding.from?.side}
          onChoose={(type) => {
            setAdding(undefined)
            put(type, placeFor(workspace, shownAdding), shownAdding.from)
          }}
          onClose={() => {
            setAdding(undefined)
            focus()
          }}
        />
      )}
      {dialog === 'import' && (
        <ImportDialog
          onClose={closeDialog}
          onImport={(nodes, to) => {
            setDialog(undefined)
            bring(nodes, { to, at: handle.current?.canvas?.view.middle ?? { x: 0, y: 0 }, label: 'import' })
          }}
        />
      )}
      {(dialog === 'export' || dialog === 'export-selection') && <ExportDialog initial={dialog === 'export' ? 'place' : 'selection'} onClose={closeDialog} />}
      {dialog === 'shortcuts' && <ShortcutsDialog onClose={closeDialog} />}
      {typeof dialog === 'object' && handle.current?.canvas && (
        <ConnectMode
          id={dialog.connect}
          scene={handle.current.canvas.scene}
          onClose={() => {
            setDialog(undefined)
            focus()
          }}
        />
      )}
      <ConflictDialog />
    </Frame>
  )
}

function Side({
  panel,
  edited,
  onEdited,
  onClose,
}: {
  panel: string | undefined
  edited: readonly string[]
  onEdited: (path: readonly string[]) => void
  onClose: () => void
}) {
  const Body = useAllPanels().find(({ id }) => id === panel)?.body
  if (edited.length > 0) {
    return (
      <div className="designer-side">
        <ConfigPanel path={edited} onOpen={(id) => onEdited([...edited, id])} onBack={() => onEdited(edited.slice(0, -1))} onClose={onClose} />
      </div>
    )
  }
  return Body ? (
    <div className="designer-side">
      <Body onClose={onClose} />
    </div>
  ) : null
}

/** Somebody else deployed while there are changes here. */
function NewerBanner() {
  const text = useDesignerText().conflict
  const session = useSession()
  if (!session.newer) return null
  return (
    <div className="cw-banner designer-newer" data-state="warning" role="status">
      {text.newer(session.newer.by ?? text.someone)}
      <Button size="compact-sm" variant="default" onClick={() => void session.lookAtNewer()} data-testid="newer-look">
        {text.look}
      </Button>
    </div>
  )
}

/** A node for a dangling wire stands beside its end, so that the wire keeps its length. */
function placeFor(workspace: Workspace, { at, from }: Adding): Point {
  return from ? freePlace(workspace, { x: at.x + (from.side === 'output' ? 60 : -60), y: at.y }) : at
}
