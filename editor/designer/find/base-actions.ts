/** What everybody does every minute: history, clipboard, deleting, adding, connecting, zooming, deploying. */
import {
  ArrowRightFromLine,
  Cable,
  ClipboardPaste,
  Copy,
  FileDown,
  FileUp,
  Maximize,
  Pencil,
  Plus,
  Power,
  Redo2,
  Rocket,
  Scissors,
  SquareDashedMousePointer,
  Trash2,
  Undo2,
  Workflow,
  ZoomIn,
  ZoomOut,
} from 'lucide-react'
import type { Action, ActionTarget } from '../host/action.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { addTab, disconnect, freeTabName, removeNodes, type StepLabel, setDisabled } from '../model/commands.ts'
import { outputAt } from '../model/ports.ts'
import { kindOf } from '../model/raw.ts'
import { partOfSubflow } from '../model/scene.ts'
import { nextPlace } from '../palette/free-place.ts'
import type { useDesignerText } from '../text.ts'
import type { FindText } from './text.ts'

/** Between an output and the middle of what follows it, in canvas pixels; the node is put beside its end. */
const NEXT_APART = 90

export interface ActionParts {
  host: DesignerHost
  text: FindText
  designer: ReturnType<typeof useDesignerText>
  mayDeploy: boolean
}

/** What is selected and can be changed: no subflow's own ports. */
const chosen = (host: DesignerHost): string[] => [...host.workspace.selection].filter((id) => !partOfSubflow(id) && host.workspace.model.get(id))

/** The one thing an action is for: what was pointed at, else what alone is selected. */
export function theOne(host: DesignerHost, target: ActionTarget | undefined): string | undefined {
  const hit = target?.hit
  if (hit && (hit.on === 'node' || hit.on === 'group')) return hit.id
  if (hit?.on === 'port') return hit.port.id
  const ids = [...host.workspace.selection]
  return ids.length === 1 ? ids[0] : undefined
}

/** A folded group has none of its own: its wires are those of what is inside. */
function hasOutput(host: DesignerHost, id: string): boolean {
  const node = host.canvas?.scene.nodes.get(id)
  return node !== undefined && node.kind !== 'group' && node.outputs > 0
}

export function baseActions({ host, text, designer, mayDeploy }: ActionParts): Action[] {
  return [...editActions({ host, text, designer }), ...insertActions({ host, text, designer }), ...viewActions({ host, text }), deployAction()]

  function deployAction(): Action {
    const { actions, words, why } = text
    return {
      id: 'deploy.now',
      title: actions.deploy,
      group: 'deploy',
      icon: Rocket,
      keys: ['Ctrl+Enter', 'Ctrl+D'],
      isEverywhere: true,
      words: words.deploy,
      whyNot: () => (mayDeploy ? (host.session.deploy.is === 'deploying' ? why.deploying : undefined) : why.mayNot),
      run: () => host.page?.deploy(),
    }
  }
}

function editActions({ host, text, designer }: Omit<ActionParts, 'mayDeploy'>): Action[] {
  const { actions, words, why, said } = text
  const { workspace } = host
  const { model } = workspace
  const stepWords = (label: string | undefined) => designer.steps[label as StepLabel] ?? label ?? ''
  return [
    {
      id: 'edit.undo',
      title: actions.undo,
      group: 'edit',
      icon: Undo2,
      keys: ['Ctrl+Z'],
      isEverywhere: true,
      words: words.undo,
      whyNot: () => (model.undoLabel ? undefined : why.nothingToUndo),
      run: () => {
        const step = stepWords(model.undoLabel)
        model.undo()
        host.say(said.undone(step))
      },
    },
    {
      id: 'edit.redo',
      title: actions.redo,
      group: 'edit',
      icon: Redo2,
      keys: ['Ctrl+Y', 'Ctrl+Shift+Z'],
      isEverywhere: true,
      whyNot: () => (model.redoLabel ? undefined : why.nothingToRedo),
      run: () => {
        const step = stepWords(model.redoLabel)
        model.redo()
        host.say(said.redone(step))
      },
    },
    {
      id: 'edit.settings',
      title: actions.settings,
      group: 'edit',
      icon: Pencil,
      keys: ['Enter'],
      words: words.settings,
      on: ['node', 'group'],
      whyNot: (target) => {
        const id = theOne(host, target)
        return id === undefined ? why.oneOnly : partOfSubflow(id) ? why.part : undefined
      },
      run: (target) => {
        const id = theOne(host, target)
        if (id !== undefined) host.page?.edit(id)
      },
    },
    {
      id: 'edit.cut',
      title: actions.cut,
      group: 'edit',
      icon: Scissors,
      keys: ['Ctrl+X'],
      areKeysNative: true,
      on: ['node', 'group'],
      whyNot: () => (chosen(host).length ? undefined : why.nothingSelected),
      run: () => onCanvas(host, 'cut'),
    },
    {
      id: 'edit.copy',
      title: actions.copy,
      group: 'edit',
      icon: Copy,
      keys: ['Ctrl+C'],
      areKeysNative: true,
      on: ['node', 'group'],
      whyNot: () => (chosen(host).length ? undefined : why.nothingSelected),
      run: () => onCanvas(host, 'copy'),
    },
    {
      id: 'edit.paste',
      title: actions.paste,
      group: 'edit',
      icon: ClipboardPaste,
      keys: ['Ctrl+V'],
      areKeysNative: true,
      on: ['nothing', 'group'],
      run: () => void pasteFromClipboard(host, text),
    },
    {
      id: 'edit.toggle',
      title: actions.toggle,
      group: 'edit',
      icon: Power,
      keys: ['D'],
      words: words.toggle,
      on: ['node'],
      whyNot: () => (chosen(host).some((id) => kindOf(model.get(id) ?? { id, type: '' }) === 'node') ? undefined : why.nothingSelected),
      run: () => {
        const nodes = chosen(host).filter((id) => kindOf(model.get(id) ?? { id, type: '' }) === 'node')
        const isOff = nodes.every((id) => model.get(id)?.d === true)
        setDisabled(model, nodes, !isOff)
        host.say(isOff ? said.enabled(nodes.length) : said.disabled(nodes.length))
      },
    },
    {
      id: 'edit.remove',
      title: actions.remove,
      group: 'edit',
      icon: Trash2,
      keys: ['Delete', 'Backspace'],
      words: words.remove,
      on: ['node', 'group', 'wire'],
      whyNot: () => (chosen(host).length + workspace.selectedWires.size > 0 ? undefined : why.nothingSelected),
      run: () => remove(host, text),
    },
    {
      id: 'select.all',
      title: actions.selectAll,
      group: 'select',
      icon: SquareDashedMousePointer,
      keys: ['Ctrl+A'],
      on: ['nothing'],
      whyNot: () => (host.canvas?.scene.nodes.size ? undefined : why.nothingHere),
      run: () => {
        const scene = host.canvas?.scene
        if (!scene) return
        workspace.select([...scene.nodes.keys(), ...scene.groups.map(({ id }) => id)])
        host.say(said.selected(workspace.selection.size))
      },
    },
    {
      id: 'select.none',
      title: actions.selectNone,
      group: 'select',
      keys: ['Escape'],
      areKeysNative: true,
      run: () => workspace.select([]),
    },
  ]
}

function insertActions({ host, text, designer }: Omit<ActionParts, 'mayDeploy'>): Action[] {
  const { actions, words, why } = text
  const { workspace } = host
  const { model } = workspace
  return [
    {
      id: 'insert.node',
      title: actions.addNode,
      group: 'insert',
      icon: Plus,
      keys: ['A', 'Insert'],
      words: words.addNode,
      on: ['nothing', 'group'],
      run: (target) => {
        const { canvas } = host
        if (!canvas) return
        const at = target?.at ?? nextPlace(workspace, canvas.view.middle)
        host.page?.quickAdd(at, target?.window ?? canvas.view.toWindow(at))
      },
    },
    {
      id: 'insert.next',
      title: actions.addNext,
      group: 'insert',
      icon: ArrowRightFromLine,
      keys: ['Shift+A'],
      words: words.addNode,
      on: ['node', 'port'],
      whyNot: (target) => {
        const id = theOne(host, target)
        if (id === undefined) return why.oneOnly
        return hasOutput(host, id) ? undefined : why.noOutput
      },
      run: (target) => addNext(host, target),
    },
    {
      id: 'insert.connect',
      title: actions.connect,
      group: 'insert',
      icon: Cable,
      keys: ['C'],
      words: words.connect,
      on: ['node', 'port'],
      whyNot: (target) => {
        const id = theOne(host, target)
        if (id === undefined) return why.oneOnly
        return hasOutput(host, id) ? undefined : why.noOutput
      },
      run: (target) => {
        const id = theOne(host, target)
        if (id !== undefined) host.page?.connect(id)
      },
    },
    {
      id: 'insert.flow',
      title: actions.addFlow,
      group: 'insert',
      icon: Workflow,
      words: words.addFlow,
      run: () => {
        const name = freeTabName(model, designer.tabs.word)
        workspace.open(addTab(model, name))
        host.focus()
        host.say(text.said.flow(name))
      },
    },
    {
      id: 'insert.import',
      title: actions.import,
      group: 'insert',
      icon: FileDown,
      keys: ['Ctrl+I'],
      isEverywhere: true,
      isInMenu: true,
      words: words.import,
      on: ['nothing'],
      run: () => host.page?.importFlows(),
    },
    {
      id: 'insert.export',
      title: actions.export,
      group: 'insert',
      icon: FileUp,
      keys: ['Ctrl+E'],
      isEverywhere: true,
      isInMenu: true,
      words: words.export,
      on: ['node', 'group', 'nothing'],
      whyNot: () => (model.tabs().length + model.subflows().length > 0 ? undefined : why.noFlow),
      run: () => host.page?.exportFlows(),
    },
  ]
}

function viewActions({ host, text }: Pick<ActionParts, 'host' | 'text'>): Action[] {
  const { actions, words, why, said } = text
  const zoomed = (work: Promise<void> | undefined) => void work?.then(() => host.canvas && host.say(said.zoom(Math.round(host.canvas.view.zoom * 100))))
  const empty = () => (host.canvas?.scene.nodes.size ? undefined : why.nothingHere)
  return [
    {
      id: 'view.zoomIn',
      title: actions.zoomIn,
      group: 'view',
      icon: ZoomIn,
      keys: ['Ctrl+Plus', 'Plus', '=', 'Ctrl+='],
      run: () => zoomed(host.canvas?.view.zoomBy(1.25)),
    },
    { id: 'view.zoomOut', title: actions.zoomOut, group: 'view', icon: ZoomOut, keys: ['Ctrl+-', '-'], run: () => zoomed(host.canvas?.view.zoomBy(0.8)) },
    {
      id: 'view.zoomReset',
      title: actions.zoomReset,
      group: 'view',
      keys: ['Ctrl+0'],
      run: () => zoomed(host.canvas?.view.zoomBy(1 / host.canvas.view.zoom)),
    },
    {
      id: 'view.fit',
      title: actions.fit,
      group: 'view',
      icon: Maximize,
      keys: ['Ctrl+1', '0'],
      words: words.fit,
      on: ['nothing'],
      whyNot: empty,
      run: () => zoomed(host.canvas?.zoomToFit()),
    },
    {
      id: 'view.fitSelection',
      title: actions.fitSelection,
      group: 'view',
      keys: ['F'],
      words: words.fit,
      whyNot: empty,
      run: () => zoomed(host.canvas?.zoomToFit(host.workspace.selection)),
    },
    {
      id: 'view.palette',
      title: actions.palette,
      group: 'view',
      keys: ['Ctrl+Alt+Space'],
      isEverywhere: true,
      words: words.panel,
      run: () => host.page?.togglePalette(),
    },
  ]
}

/** Offers what can follow a node: at its first output that leads nowhere yet. */
function addNext(host: DesignerHost, target: ActionTarget | undefined): void {
  const { canvas } = host
  const id = theOne(host, target)
  const node = id === undefined ? undefined : canvas?.scene.nodes.get(id)
  if (!canvas || !node) return
  const wired = new Set([...canvas.scene.wires.values()].filter(({ from }) => from.id === node.id).map(({ from }) => from.port))
  const free = Array.from({ length: node.outputs }, (_, port) => port).find((port) => !wired.has(port)) ?? 0
  const port = target?.hit.on === 'port' && target.hit.port.side === 'output' ? target.hit.port.port : free
  const at = { x: outputAt(node, port).x + NEXT_APART, y: node.y }
  canvas.view.measurePlace()
  host.page?.quickAdd(at, canvas.view.toWindow(at), { id: node.id, port, side: 'output' })
}

/** Deletes what is selected: wires, nodes, groups. */
function remove(host: DesignerHost, text: FindText): void {
  const { workspace } = host
  const wires = [...workspace.selectedWires].map((id) => host.canvas?.area.wires.get(id)).filter((wire) => wire !== undefined)
  const nodes = chosen(host)
  if (wires.length + nodes.length === 0) return
  const isDone = workspace.model.edit(nodes.length ? 'remove' : 'disconnect', () => {
    if (wires.length) disconnect(workspace.model, wires)
    if (nodes.length) removeNodes(workspace.model, nodes)
  })
  // on a locked flow everything is still there
  if (!isDone) return
  workspace.select([])
  host.say(text.said.removed(wires.length + nodes.length))
}

/** The browser's own copy or cut, which the canvas answers: needs no permission and works without HTTPS. */
function onCanvas(host: DesignerHost, what: 'copy' | 'cut'): void {
  host.focus()
  document.execCommand(what)
}

async function pasteFromClipboard(host: DesignerHost, text: FindText): Promise<void> {
  host.focus()
  // only over HTTPS or on localhost, and only if the person allows it
  const content = await navigator.clipboard?.readText().catch(() => undefined)
  if (content === undefined) {
    const { notifications } = await import('@mantine/notifications')
    notifications.show({ message: text.pasteKeys(/Mac/.test(navigator.userAgent) ? '⌘V' : `${text.keys.Ctrl}+V`) })
    return
  }
  host.page?.paste(content)
}
