/** The canvas in the page: makes it, gives it pointers, keys, clipboard and files, and puts the zoom buttons over it. */
import { ActionIcon } from '@mantine/core'
import { Maximize, Minus, Plus } from 'lucide-react'
import { type Ref, useCallback, useEffect, useImperativeHandle, useRef, useState } from 'react'
import type { Point } from '../model/commands.ts'
import { partOfSubflow, type SceneNode } from '../model/scene.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { Workspace } from '../workspace.ts'
import { FlowCanvas } from './flow-canvas.ts'
import { type GestureNews, Gestures } from './gestures/gestures.ts'
import { Keyboard, readingOrder } from './keyboard.ts'
import { Minimap } from './minimap.ts'
import type { PortHit } from './port-flow.ts'
import { kept } from './taste.ts'
import { type CanvasText, useCanvasText } from './text.ts'

export interface CanvasHandle {
  readonly element: HTMLElement | null
  readonly canvas: FlowCanvas | undefined
  focus(): void
  say(text: string): void
  /** Says which node this is, and makes it the active one for screen readers. */
  announce(id: string): void
  showMap(isOn: boolean): void
}

export interface CanvasViewProps {
  ref: Ref<CanvasHandle>
  edit(id: string): void
  /** Offers node types at a place; with `from`, those that fit the wire. */
  quickAdd(at: Point, window: { clientX: number; clientY: number }, from?: PortHit): void
  /** @param at where a file was dropped */
  paste(text: string, at?: Point): void
  /** Escape was pressed, and nothing was under way. */
  onEscape(): void
}

export function CanvasView({ ref, ...props }: CanvasViewProps) {
  const text = useDesignerText()
  const words = useCanvasText()
  const workspace = useWorkspace()
  const container = useRef<HTMLDivElement>(null)
  const live = useRef<HTMLDivElement>(null)
  const [canvas, setCanvas] = useState<FlowCanvas>()
  const [zoom, setZoom] = useState(100)
  // what the canvas calls is always of the last rendering, without making the canvas anew
  const current = useRef({ props, text, words })
  current.current = { props, text, words }
  const keyboard = useRef<Keyboard>(undefined)
  const map = useRef<Minimap>(undefined)
  const say = useCallback((words: string) => {
    if (live.current) live.current.textContent = words
  }, [])

  const announceOn = useCallback(
    (on: FlowCanvas, id: string) => {
      const node = on.scene.nodes.get(id)
      if (!node) return
      const order = readingOrder(on)
      container.current?.setAttribute('aria-activedescendant', `flow-node-${node.id}`)
      say(`${nameOf(workspace, node, current.current.text)}, ${current.current.text.canvas.position(order.indexOf(node.id) + 1, order.length)}`)
    },
    [say, workspace],
  )
  const announce = useCallback((id: string) => canvas && announceOn(canvas, id), [canvas, announceOn])

  useImperativeHandle(
    ref,
    () => ({
      element: container.current,
      canvas,
      focus: () => container.current?.focus({ preventScroll: true }),
      say,
      announce,
      showMap: (isOn: boolean) => {
        if (map.current) map.current.isOn = isOn
      },
    }),
    [canvas, say, announce],
  )

  // biome-ignore lint/correctness/useExhaustiveDependencies: the canvas lives as long as the workspace
  useEffect(() => {
    const element = container.current
    if (!element) return
    const made: FlowCanvas = new FlowCanvas(element, workspace, {
      nameOf: (id) => nameOf(workspace, made.scene.nodes.get(id), current.current.text),
      iconOf: (type) => workspace.types.get(type)?.icon,
      wireDropped: (port, at) => current.current.props.quickAdd(at, made.view.toWindow(at), port),
    })
    made.onView = () => setZoom(Math.round(made.view.zoom * 100))
    const gestures = new Gestures(element, made, {
      edit: (id) => current.current.props.edit(id),
      quickAdd: (at) => current.current.props.quickAdd(at, made.view.toWindow(at)),
      focus: () => element.focus({ preventScroll: true }),
      wordsOf: ({ kind, group }) => current.current.words.group[kind](group.label || current.current.words.group.none),
      tell: (news) => say(newsOf(news, current.current.words)),
    })
    keyboard.current = new Keyboard(made, {
      escape: () => {
        if (gestures.escape()) return
        workspace.select([])
        current.current.props.onEscape()
      },
      announce: (id) => announceOn(made, id),
    })
    setCanvas(made)
    map.current = new Minimap(element.parentElement ?? element, made)
    map.current.isOn = kept('map', ['on', 'off']) === 'on'
    return () => {
      map.current?.close()
      gestures.close()
      made.close()
      setCanvas(undefined)
    }
  }, [workspace])

  useClipboard(
    container,
    keyboard,
    workspace,
    (pasted) => props.paste(pasted),
    (count) => say(text.canvas.copied(count)),
  )

  return (
    <div className="canvas-frame">
      <div
        ref={container}
        className="flow-canvas"
        data-testid="canvas"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application of its own, with its own keys
        tabIndex={0}
        aria-label={text.canvas.label}
        aria-describedby="canvas-help"
        onKeyDown={(event) => {
          if (event.target === event.currentTarget) keyboard.current?.down(event.nativeEvent)
        }}
        onKeyUp={() => keyboard.current?.up()}
        onDragOver={(event) => {
          if (event.dataTransfer.types.includes('Files')) event.preventDefault()
        }}
        onDrop={(event) => {
          const file = event.dataTransfer.files[0]
          if (!file || !canvas) return
          event.preventDefault()
          const at = canvas.view.toCanvas(event)
          void file.text().then((content) => props.paste(content, at))
        }}
      />
      <p id="canvas-help" className="only-read">
        {text.canvas.help}
      </p>
      <div ref={live} className="only-read" aria-live="assertive" />
      <div className="canvas-zoom" data-not-canvas>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={30}
          aria-label={text.canvas.zoomOut}
          title={text.canvas.zoomOut}
          onClick={() => void canvas?.view.zoomBy(0.8)}
        >
          <Minus size={16} aria-hidden />
        </ActionIcon>
        <output aria-label={text.canvas.zoom(zoom)}>{zoom} %</output>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={30}
          aria-label={text.canvas.zoomIn}
          title={text.canvas.zoomIn}
          onClick={() => void canvas?.view.zoomBy(1.25)}
        >
          <Plus size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={30}
          aria-label={text.canvas.fit}
          title={text.canvas.fit}
          onClick={() => void canvas?.zoomToFit()}
          data-testid="zoom-fit"
        >
          <Maximize size={16} aria-hidden />
        </ActionIcon>
      </div>
    </div>
  )
}

function newsOf(news: GestureNews, { said, group }: CanvasText): string {
  return news.is === 'group' ? said[news.move.kind](news.move.group.label || group.none) : said[news.is]
}

/** Copy, cut and paste as the browser's own events: no permission is asked, and other programs can take part. */
function useClipboard(
  container: React.RefObject<HTMLElement | null>,
  keyboard: React.RefObject<Keyboard | undefined>,
  workspace: Workspace,
  paste: (text: string) => void,
  copied: (count: number) => void,
) {
  const latest = useRef({ paste, copied })
  latest.current = { paste, copied }
  useEffect(() => {
    const abort = new AbortController()
    const { signal } = abort
    const isHere = () => document.activeElement === container.current
    const copy = (event: ClipboardEvent, isCut: boolean) => {
      const text = isHere() ? keyboard.current?.copy() : undefined
      if (text === undefined) return
      event.preventDefault()
      event.clipboardData?.setData('text/plain', text)
      latest.current.copied(workspace.selection.size)
      if (isCut) keyboard.current?.remove()
    }
    document.addEventListener('copy', (event) => copy(event, false), { signal })
    document.addEventListener('cut', (event) => copy(event, true), { signal })
    document.addEventListener(
      'paste',
      (event) => {
        const text = isHere() ? event.clipboardData?.getData('text/plain') : undefined
        if (text === undefined) return
        event.preventDefault()
        latest.current.paste(text)
      },
      { signal },
    )
    return () => abort.abort()
  }, [container, keyboard, workspace])
}

function nameOf(workspace: Workspace, node: SceneNode | undefined, text: ReturnType<typeof useDesignerText>): string {
  if (!node) return ''
  const words = text.canvas
  const part = partOfSubflow(node.id)
  if (part) return `${part.side === 'in' ? words.subflowIn : part.side === 'out' ? words.subflowOut : words.subflowStatus} ${node.label}`
  if (node.kind === 'junction') return words.junction
  const type = workspace.types.get(node.type)
  const out = workspace.model.get(node.id)?.wires
  const outgoing = Array.isArray(out) ? out.flat().length : 0
  const status = workspace.statuses.get(node.id)
  const problem = workspace.problems.get(node.id)?.[0]
  return [
    words.node(node.label, type?.label === node.label ? node.type : (type?.label ?? node.type)),
    node.isUnknown && words.unknownType,
    node.isDisabled && words.disabled,
    workspace.model.dirty.has(node.id) && words.changed,
    words.wires(workspace.model.sourcesOf(node.id).length, outgoing),
    status?.text && words.status(status.text),
    problem && words.problem(problem.message),
  ]
    .filter(Boolean)
    .join(', ')
}
