/** The way of a machine in a rehearsal, from above and from the front, with its envelope. */
import { useMemo } from 'react'
import type { RehearsedMachine } from '../../../server/api/rehearsal.ts'
import { useRehearsalText } from './text.ts'

const WIDTH = 320
const HEIGHT = 200
const PAD = 10
type Axes = readonly [number, number]
const TOP: Axes = [0, 1]
const FRONT: Axes = [0, 2]

export function PathPicture({ machine }: { machine: RehearsedMachine }) {
  const text = useRehearsalText().result
  return (
    <div className="rehearsal-paths">
      <PathView machine={machine} axes={TOP} label={text.top} />
      <PathView machine={machine} axes={FRONT} label={text.front} />
    </div>
  )
}

function PathView({ machine, axes, label }: { machine: RehearsedMachine; axes: Axes; label: string }) {
  const text = useRehearsalText().result
  const { line, box } = useMemo(() => drawn(machine, axes), [machine, axes])
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${text.path(machine.name)}. ${label}`}>
        <rect className="rehearsal-envelope" {...box} />
        <path className="rehearsal-way" d={line} data-outside={!machine.isInsideEnvelope || undefined} />
      </svg>
      <figcaption>{label}</figcaption>
    </figure>
  )
}

/** Everything to one scale: the envelope, and what lies outside of it. */
function drawn({ path, envelopeMm }: RehearsedMachine, [across, up]: Axes) {
  const of = (point: readonly number[], axis: number) => point[axis] ?? 0
  let [left, right, low, high] = [of(envelopeMm.min, across), of(envelopeMm.max, across), of(envelopeMm.min, up), of(envelopeMm.max, up)]
  const envelope = { left, right, low, high }
  for (let at = 0; at + 2 < path.length; at += 3) {
    const [x, y] = [path[at + across] ?? 0, path[at + up] ?? 0]
    left = Math.min(left, x)
    right = Math.max(right, x)
    low = Math.min(low, y)
    high = Math.max(high, y)
  }
  const scale = Math.min((WIDTH - 2 * PAD) / Math.max(right - left, 1), (HEIGHT - 2 * PAD) / Math.max(high - low, 1))
  const inX = (WIDTH - (right - left) * scale) / 2
  const inY = (HEIGHT - (high - low) * scale) / 2
  const x = (value: number) => Math.round((inX + (value - left) * scale) * 10) / 10
  const y = (value: number) => Math.round((HEIGHT - inY - (value - low) * scale) * 10) / 10
  let line = ''
  let last = ''
  for (let at = 0; at + 5 < path.length; at += 6) {
    const from = `${x(path[at + across] ?? 0)} ${y(path[at + up] ?? 0)}`
    const to = `${x(path[at + 3 + across] ?? 0)} ${y(path[at + 3 + up] ?? 0)}`
    if (from !== last) line += `M${from}`
    // what is smaller than a tenth of a pixel is not drawn
    if (to !== from) line += `L${to}`
    last = to
  }
  const box = { x: x(envelope.left), y: y(envelope.high), width: x(envelope.right) - x(envelope.left), height: y(envelope.low) - y(envelope.high) }
  return { line, box }
}
