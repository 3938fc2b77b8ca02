/**
 * The way of a run drawn over the flow as it was then: which nodes were reached, how often, where it failed. To be looked at;
 * what is on the canvas now may be another flow.
 */
import { ActionIcon, SegmentedControl } from '@mantine/core'
import { Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { RunFlow } from '../../server/api/runs.ts'
import { curvesOf } from '../designer/canvas/wire-shape.ts'
import { type FlowNode, kindOf, numberOf, textOf, wiresOf } from '../designer/model/raw.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { nameOf, type Step } from './steps.ts'
import { useRunsText } from './use-runs-text.ts'

const HEIGHT = 34
const NARROW = 110
const WIDE = 220
const LETTER = 7.4

interface Frame {
  x: number
  y: number
  width: number
  height: number
}

export interface FlowDrawingProps {
  flow: RunFlow
  steps: readonly Step[]
  triggerId: string
  chosen: number | undefined
  onChoose: (seq: number) => void
}

const labelOf = (node: FlowNode) => nameOf({ nodeName: textOf(node, 'name') || textOf(node, 'label'), nodeType: node.type })
const widthOf = (node: FlowNode) => (kindOf(node) === 'junction' ? 12 : Math.min(WIDE, Math.max(NARROW, labelOf(node).length * LETTER + 34)))

export function FlowDrawing({ flow, steps, triggerId, chosen, onChoose }: FlowDrawingProps) {
  const text = useRunsText()
  const format = formats(useLanguage())
  const places = useMemo(() => flow.nodes.filter((node) => kindOf(node) === 'tab' || kindOf(node) === 'subflow'), [flow])
  const chosenNode = steps.find(({ hop }) => hop.seq === chosen)?.hop.nodeId
  const at = (id: string | undefined) => flow.nodes.filter((node) => node.id === id).map((node) => textOf(node, 'z'))[0]
  const [wanted, setWanted] = useState<string>()
  const place = wanted ?? at(chosenNode) ?? at(triggerId) ?? places[0]?.id
  const nodes = useMemo(
    () => flow.nodes.filter((node) => textOf(node, 'z') === place && (kindOf(node) === 'node' || kindOf(node) === 'junction')),
    [flow, place],
  )
  const whole = useMemo(() => frameOf(nodes), [nodes])
  const { svg, frame, zoom, fit, handlers } = useLook(whole)
  // a step of another tab was chosen
  useEffect(() => {
    if (chosenNode !== undefined) setWanted(undefined)
  }, [chosenNode])

  const visits = useMemo(() => {
    const found = new Map<string, Step[]>()
    for (const step of steps) found.set(step.hop.nodeId, [...(found.get(step.hop.nodeId) ?? []), step])
    return found
  }, [steps])
  /** Known to have sent: a node without an input is reached by nothing. */
  const senders = useMemo(() => new Set(steps.map(({ hop }) => hop.from)), [steps])
  const ways = useMemo(() => {
    const found = new Set<string>()
    for (const { hop } of steps) if (hop.from !== undefined) found.add(`${hop.from} ${hop.nodeId}`)
    return found
  }, [steps])

  if (!nodes.length || !flow.deployedAt) return <p className="list-note">{text.noFlow}</p>
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const deployed = format.dateTime(flow.deployedAt)
  const tab = places.find(({ id }) => id === place)
  const wires = nodes.flatMap((node) =>
    [...new Set(wiresOf(node).flat())].flatMap((target) => {
      const end = byId.get(target)
      if (!end) return []
      const from = { x: numberOf(node, 'x') + widthOf(node) / 2, y: numberOf(node, 'y') }
      const to = { x: numberOf(end, 'x') - widthOf(end) / 2, y: numberOf(end, 'y') }
      const path = curvesOf(from, to).map(([a, b, c, d]) => `M ${a.x} ${a.y} C ${b.x} ${b.y}, ${c.x} ${c.y}, ${d.x} ${d.y}`)
      return [{ key: `${node.id} ${target}`, path: path.join(' '), isTaken: ways.has(`${node.id} ${target}`) }]
    }),
  )

  return (
    <div className="runs-drawing">
      <div className="runs-drawing-head">
        {places.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label={text.flow}
            value={place ?? ''}
            onChange={setWanted}
            data={places.map((each) => ({ value: each.id, label: labelOf(each) }))}
          />
        )}
        <span className="list-note">{flow.isCurrent ? text.versionNow(deployed) : text.version(deployed)}</span>
        <ActionIcon variant="default" aria-label={text.zoomOut} onClick={() => zoom(1.4)}>
          <ZoomOut size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" aria-label={text.zoomIn} onClick={() => zoom(1 / 1.4)}>
          <ZoomIn size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" aria-label={text.fit} onClick={fit}>
          <Maximize size={16} aria-hidden />
        </ActionIcon>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a picture whose nodes are buttons */}
      <svg
        ref={svg}
        viewBox={`${frame.x} ${frame.y} ${frame.width} ${frame.height}`}
        preserveAspectRatio="xMidYMid meet"
        role="group"
        aria-label={text.drawing(tab ? labelOf(tab) : '')}
        data-testid="run-drawing"
        {...handlers}
      >
        {wires
          .toSorted((a, b) => Number(a.isTaken) - Number(b.isTaken))
          .map(({ key, path, isTaken }) => (
            <path key={key} d={path} data-taken={isTaken || undefined} />
          ))}
        {nodes.map((node) => {
          const reached = visits.get(node.id) ?? []
          const isBegun = node.id === triggerId || senders.has(node.id)
          const state = reached.some(({ hop }) => hop.outcome === 'failed')
            ? 'failed'
            : reached.some(({ hop }) => hop.outcome === 'received')
              ? 'received'
              : reached.length || isBegun
                ? 'completed'
                : undefined
          return (
            <DrawnNode
              key={node.id}
              node={node}
              state={state}
              visits={reached.length}
              isChosen={node.id === chosenNode}
              says={`${labelOf(node)}${state ? `: ${text.outcome[state]}` : ''}${reached.length > 1 ? `, ${text.times(format.number(reached.length))}` : ''}`}
              onChoose={() => {
                // again on the same node: its next visit
                const place = reached.findIndex(({ hop }) => hop.seq === chosen)
                const next = reached[(place + 1) % reached.length]
                if (next) onChoose(next.hop.seq)
              }}
            />
          )
        })}
      </svg>
    </div>
  )
}

interface DrawnNodeProps {
  node: FlowNode
  state: 'failed' | 'received' | 'completed' | undefined
  visits: number
  isChosen: boolean
  says: string
  onChoose: () => void
}

function DrawnNode({ node, state, visits, isChosen, says, onChoose }: DrawnNodeProps) {
  const width = widthOf(node)
  const [x, y] = [numberOf(node, 'x'), numberOf(node, 'y')]
  if (node.type === 'comment')
    return (
      <text className="runs-drawn-comment" x={x - width / 2} y={y + 4.5}>
        {labelOf(node)}
      </text>
    )
  if (kindOf(node) === 'junction') return <circle cx={x} cy={y} r={5} data-state={state} />
  const label = labelOf(node)
  const most = Math.floor((width - 34) / LETTER + 0.01)
  const content = (
    <>
      <rect x={x - width / 2} y={y - HEIGHT / 2} width={width} height={HEIGHT} rx={6} />
      <text x={x - width / 2 + 24} y={y + 4.5}>
        {label.length > most ? `${label.slice(0, most - 1)}…` : label}
      </text>
      {state && (
        <text className="runs-drawn-mark" x={x - width / 2 + 8} y={y + 5} aria-hidden>
          {state === 'failed' ? '✕' : state === 'received' ? '…' : '✓'}
        </text>
      )}
      {visits > 1 && (
        <text className="runs-drawn-count" x={x + width / 2 - 6} y={y - HEIGHT / 2 - 4} textAnchor="end" aria-hidden>
          {visits}×
        </text>
      )}
    </>
  )
  if (!visits)
    return (
      <g className="runs-drawn" data-state={state}>
        <title>{says}</title>
        {content}
      </g>
    )
  return (
    // biome-ignore lint/a11y/useSemanticElements: there is no button inside of an SVG
    <g
      className="runs-drawn"
      data-state={state}
      data-chosen={isChosen || undefined}
      role="button"
      tabIndex={0}
      aria-label={says}
      aria-pressed={isChosen}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        onChoose()
      }}
      data-testid={`drawn-${node.id}`}
    >
      {content}
    </g>
  )
}

/** Wheel and buttons make it larger, dragging moves it. */
function useLook(whole: Frame) {
  const svg = useRef<SVGSVGElement>(null)
  const [frame, setFrame] = useState(whole)
  const drag = useRef<{ x: number; y: number; frame: Frame } | undefined>(undefined)
  useEffect(() => setFrame(whole), [whole])

  const zoom = (by: number, at = { x: 0.5, y: 0.5 }) =>
    setFrame((now) => {
      const width = Math.min(whole.width * 4, Math.max(150, now.width * by))
      const height = (width / now.width) * now.height
      return { width, height, x: now.x + (now.width - width) * at.x, y: now.y + (now.height - height) * at.y }
    })
  useEffect(() => {
    const element = svg.current
    if (!element) return
    const turn = (event: WheelEvent) => {
      // the page scrolls with the plain wheel
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      const box = element.getBoundingClientRect()
      zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height })
    }
    element.addEventListener('wheel', turn, { passive: false })
    return () => element.removeEventListener('wheel', turn)
  })
  const unitsAPixel = () => {
    const box = svg.current?.getBoundingClientRect()
    return box ? Math.max(frame.width / box.width, frame.height / box.height) : 1
  }
  return {
    svg,
    frame,
    zoom,
    fit: () => setFrame(whole),
    handlers: {
      onPointerDown: (event: React.PointerEvent) => {
        if (event.button === 0) drag.current = { x: event.clientX, y: event.clientY, frame }
      },
      onPointerMove: (event: React.PointerEvent) => {
        const begun = drag.current
        if (!begun || event.buttons === 0) return
        const scale = unitsAPixel()
        setFrame({ ...begun.frame, x: begun.frame.x - (event.clientX - begun.x) * scale, y: begun.frame.y - (event.clientY - begun.y) * scale })
      },
      onPointerUp: () => {
        drag.current = undefined
      },
    },
  }
}

function frameOf(nodes: readonly FlowNode[]): Frame {
  let [left, right, top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const node of nodes) {
    left = Math.min(left, numberOf(node, 'x') - widthOf(node) / 2)
    right = Math.max(right, numberOf(node, 'x') + widthOf(node) / 2)
    top = Math.min(top, numberOf(node, 'y') - HEIGHT / 2)
    bottom = Math.max(bottom, numberOf(node, 'y') + HEIGHT / 2)
  }
  if (left > right) return { x: 0, y: 0, width: 300, height: 150 }
  return { x: left - 30, y: top - 30, width: Math.max(300, right - left + 60), height: Math.max(120, bottom - top + 60) }
}
