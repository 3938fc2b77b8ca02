/** The machine's travel as a box, with its keep-out boxes, from above, from the front, from the side and in space. Plain SVG. */
import { SegmentedControl } from '@mantine/core'
import { useRef, useState } from 'react'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useUnits } from '../../shared/use-units.tsx'
import { useMachinesText } from '../use-machines-text.ts'
import { type Box3, corners, EDGES, FACES, fitOf, project, VIEWS, type View } from './projection.ts'

export interface BoxViewProps {
  /** Absent while a number is missing or wrong. */
  envelope: Box3 | undefined
  keepOut: readonly (Box3 & { id: string; name: string; isActive: boolean })[]
  marks?: readonly { id: string; label: string; at: readonly [number, number, number] }[]
  chosen?: string | undefined
  onChoose?: (id: string) => void
}

const WIDTH = 560
const HEIGHT = 380

export function BoxView({ envelope, keepOut, marks = [], chosen, onChoose }: BoxViewProps) {
  const text = useMachinesText()
  const format = formats(useLanguage())
  const units = useUnits()
  const [view, setView] = useState<View>('space')
  const [turn, setTurn] = useState({ aroundZ: -35, tilt: 28 })
  const drag = useRef<{ x: number; y: number } | undefined>(undefined)
  const see = { view, ...turn }
  const place = envelope && fitOf([envelope, ...keepOut], see, { width: WIDTH, height: HEIGHT })
  const line = (box: Box3) =>
    EDGES.map(([a, b]) => {
      const all = corners(box)
      const from = place?.(project(all[a] ?? [0, 0, 0], see)) ?? [0, 0]
      const to = place?.(project(all[b] ?? [0, 0, 0], see)) ?? [0, 0]
      return `M${from[0].toFixed(1)} ${from[1].toFixed(1)}L${to[0].toFixed(1)} ${to[1].toFixed(1)}`
    }).join('')
  const faces = (box: Box3) =>
    FACES.map((face) => {
      const all = corners(box)
      return `M${face.map((corner) => (place?.(project(all[corner] ?? [0, 0, 0], see)) ?? [0, 0]).map((value) => value.toFixed(1)).join(' ')).join('L')}Z`
    }).join('')
  const label = (at: readonly [number, number, number], words: string, className: string, dy = 0) => {
    const [x, y] = place?.(project(at, see)) ?? [0, 0]
    return (
      <text key={`${className}${words}${at.join()}`} x={x} y={y + dy} className={className}>
        {words}
      </text>
    )
  }
  const length = (axis: 0 | 1 | 2) => {
    if (!envelope) return ''
    const mm = envelope.max[axis] - envelope.min[axis]
    return units.unit === 'mm' ? format.number(mm, Number.isInteger(mm) ? 0 : 2) : units.length(mm, 1)
  }
  return (
    <figure className="box-view">
      <SegmentedControl
        aria-label={text.limits.view}
        size="xs"
        value={view}
        onChange={(value) => setView(value as View)}
        data={VIEWS.map((value) => ({ value, label: text.limits.views[value] }))}
      />
      {place && envelope ? (
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label={text.limits.drawing(`${length(0)} × ${length(1)} × ${length(2)} ${units.unit}`, String(keepOut.length))}
          data-view={view}
          onPointerDown={(event) => {
            if (view !== 'space') return
            drag.current = { x: event.clientX, y: event.clientY }
            event.currentTarget.setPointerCapture(event.pointerId)
          }}
          onPointerMove={(event) => {
            if (!drag.current) return
            const dx = event.clientX - drag.current.x
            const dy = event.clientY - drag.current.y
            drag.current = { x: event.clientX, y: event.clientY }
            setTurn((was) => ({ aroundZ: was.aroundZ + dx / 2, tilt: Math.min(88, Math.max(2, was.tilt + dy / 2)) }))
          }}
          onPointerUp={() => {
            drag.current = undefined
          }}
          onPointerCancel={() => {
            drag.current = undefined
          }}
        >
          <path className="box-floor" d={faces(envelope).split('Z')[0]} />
          <path className="box-envelope" d={line(envelope)} />
          {keepOut.map((box) => (
            // every box has its own fields in the list beside: a click here is a short cut
            // biome-ignore lint/a11y/noStaticElementInteractions: as above
            <g
              key={box.id}
              className="box-keep-out"
              data-chosen={box.id === chosen || undefined}
              data-off={box.isActive ? undefined : true}
              onClick={() => onChoose?.(box.id)}
            >
              <path className="box-face" d={faces(box)} />
              <path className="box-edge" d={line(box)} />
              {label([(box.min[0] + box.max[0]) / 2, (box.min[1] + box.max[1]) / 2, box.max[2]], box.name, 'box-name', -5)}
            </g>
          ))}
          {marks.map((mark) => {
            const [x, y] = place(project(mark.at, see))
            return (
              <g key={mark.id} className="box-mark">
                <path d={`M${x - 6} ${y}h12M${x} ${y - 6}v12`} />
                <text x={x + 9} y={y + 4}>
                  {mark.label}
                </text>
              </g>
            )
          })}
          {view !== 'side' &&
            label([(envelope.min[0] + envelope.max[0]) / 2, envelope.min[1], envelope.min[2]], `X ${length(0)} ${units.unit}`, 'box-length', 18)}
          {view !== 'front' &&
            label(
              [envelope.max[0], (envelope.min[1] + envelope.max[1]) / 2, envelope.min[2]],
              `Y ${length(1)} ${units.unit}`,
              view === 'top' ? 'box-length box-right' : 'box-length',
              view === 'top' ? 4 : 18,
            )}
          {view !== 'top' &&
            label(
              [envelope.min[0], view === 'side' ? envelope.min[1] : envelope.max[1], (envelope.min[2] + envelope.max[2]) / 2],
              `Z ${length(2)} ${units.unit}`,
              'box-length box-left',
              4,
            )}
        </svg>
      ) : (
        <p className="box-missing">{text.limits.noDrawing}</p>
      )}
    </figure>
  )
}
