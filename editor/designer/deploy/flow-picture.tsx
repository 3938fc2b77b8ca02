/** A small picture of one tab from a flow file: nodes as boxes, wires as lines, what matters emphasised. Not to be worked on. */
import { type FlowNode, kindOf, numberOf, textOf, wiresOf } from '../model/raw.ts'

const WIDTH = 130
const HEIGHT = 30
/** More would be dots: the picture then shows what is around the emphasised ones. */
const MOST = 400

export interface FlowPictureProps {
  flows: readonly FlowNode[]
  /** The tab or subflow. */
  place: string
  /** Drawn strongly, and always in the picture. */
  emphasised: ReadonlySet<string>
  label: string
  /** Another picture's frame, so that several can be compared. */
  frame?: string
}

export function FlowPicture({ flows, place, emphasised, label, frame }: FlowPictureProps) {
  const nodes = nodesOf(flows, place, emphasised)
  const at = new Map(nodes.map((node) => [node.id, node]))
  return (
    <svg className="flow-picture" viewBox={frame ?? frameOf([nodes])} role="img" aria-label={label} preserveAspectRatio="xMidYMid meet">
      {nodes.flatMap((node) =>
        wiresOf(node)
          .flat()
          .flatMap((target, index) => {
            const end = at.get(target)
            if (!end) return []
            const [x1, y1, x2, y2] = [numberOf(node, 'x') + WIDTH / 2, numberOf(node, 'y'), numberOf(end, 'x') - WIDTH / 2, numberOf(end, 'y')]
            const bend = Math.max(30, Math.abs(x2 - x1) / 2)
            // biome-ignore lint/suspicious/noArrayIndexKey: a node may have two wires to one other
            return [<path key={`${node.id} ${target} ${index}`} d={`M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`} />]
          }),
      )}
      {nodes.map((node) => {
        const size = kindOf(node) === 'junction' ? { width: 12, height: 12 } : { width: WIDTH, height: HEIGHT }
        return (
          <g key={node.id} data-emphasised={emphasised.has(node.id) || undefined}>
            <rect x={numberOf(node, 'x') - size.width / 2} y={numberOf(node, 'y') - size.height / 2} {...size} rx={5} />
            {kindOf(node) !== 'junction' && (
              <text x={numberOf(node, 'x')} y={numberOf(node, 'y') + 4} textAnchor="middle">
                {cut(textOf(node, 'name') || textOf(node, 'label') || node.type)}
              </text>
            )}
          </g>
        )
      })}
    </svg>
  )
}

/** One frame around the same tab in several flow files. */
export function commonFrame(all: readonly (readonly FlowNode[])[], place: string, emphasised: ReadonlySet<string>): string {
  return frameOf(all.map((flows) => nodesOf(flows, place, emphasised)))
}

function nodesOf(flows: readonly FlowNode[], place: string, emphasised: ReadonlySet<string>): FlowNode[] {
  const nodes = flows.filter((node) => node.z === place && (kindOf(node) === 'node' || kindOf(node) === 'junction'))
  if (nodes.length <= MOST) return nodes
  const near = nodes.filter(({ id }) => emphasised.has(id))
  const ids = new Set(near.map(({ id }) => id))
  return nodes
    .filter(
      (node) =>
        ids.has(node.id) ||
        wiresOf(node)
          .flat()
          .some((id) => ids.has(id)) ||
        near.some((one) => wiresOf(one).flat().includes(node.id)),
    )
    .slice(0, MOST)
}

function frameOf(all: readonly (readonly FlowNode[])[]): string {
  const boxes = all.flat().map((node) => ({ x: numberOf(node, 'x'), y: numberOf(node, 'y') }))
  if (boxes.length === 0) return '0 0 200 100'
  const left = boxes.reduce((least, { x }) => Math.min(least, x), Number.POSITIVE_INFINITY) - WIDTH / 2 - 20
  const right = boxes.reduce((most, { x }) => Math.max(most, x), Number.NEGATIVE_INFINITY) + WIDTH / 2 + 20
  const top = boxes.reduce((least, { y }) => Math.min(least, y), Number.POSITIVE_INFINITY) - HEIGHT
  const bottom = boxes.reduce((most, { y }) => Math.max(most, y), Number.NEGATIVE_INFINITY) + HEIGHT
  return `${left} ${top} ${right - left} ${bottom - top}`
}

const cut = (label: string) => (label.length > 17 ? `${label.slice(0, 16)}…` : label)
