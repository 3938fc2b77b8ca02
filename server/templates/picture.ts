/** A template's flow as a picture (SVG), for templates that bring none: boxes, wires and names, as the designer lays them out. */
import { FAMILIES } from '../../nodes/define-node/declare.ts'
import { NODES } from '../../nodes/index.ts'
import type { FlowNode } from '../api/index.ts'

const HEIGHT = 30
const MARGIN = 24
const MOST_NODES = 400
const FAMILY_OF = new Map(NODES.map(({ type, family, label }) => [type as string, { color: FAMILIES[family].color, label }]))
// Node-RED's own palette colours of the families that templates use most
const CORE: Readonly<Record<string, string>> = {
  inject: '#a6bbcf',
  debug: '#87a980',
  function: '#fdd0a2',
  change: '#e2d96e',
  switch: '#e2d96e',
  template: '#f3b567',
  delay: '#e6e0f8',
  trigger: '#e6e0f8',
  'mqtt in': '#d8bfd8',
  'mqtt out': '#d8bfd8',
  'http request': '#e7e7ae',
  file: '#deb887',
  'file in': '#deb887',
}

const escaped = (text: string) => text.replaceAll(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? Math.max(-5000, Math.min(20_000, value)) : 0)
const labelOf = ({ name, type }: FlowNode): string => textOf(name) || FAMILY_OF.get(type)?.label || type
/** Comments stand free: they may be longer than what is in a box. */
const mostOf = ({ type }: FlowNode): number => (type === 'comment' ? 90 : 34)
const shortened = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)
const widthOf = (node: FlowNode): number => Math.max(100, shortened(labelOf(node), mostOf(node)).length * 7 + 36)

/** The tab with most nodes, drawn. @param values what `{{key}}` stands for; without it the names of parameters are shown */
export function drawFlow(flow: readonly FlowNode[], names: ReadonlyMap<string, string> = new Map()): string {
  const drawn = flow.filter((node) => typeof node.x === 'number' && typeof node.y === 'number')
  const counts = new Map<unknown, number>()
  for (const { z } of drawn) counts.set(z, (counts.get(z) ?? 0) + 1)
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a)
  const nodes = drawn.filter(({ z }) => z === most?.[0]).slice(0, MOST_NODES)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const shown = (text: string, node: FlowNode) =>
    escaped(
      shortened(
        text.replaceAll(/\{\{(?:text |json )?(\$n|\w+)\}\}/g, (_, key: string) => (key === '$n' ? '' : `‹${names.get(key) ?? key}›`)),
        mostOf(node),
      ),
    )
  const box = nodes.map((node) => ({ left: numberOf(node.x) - widthOf(node) / 2, right: numberOf(node.x) + widthOf(node) / 2, y: numberOf(node.y) }))
  const of = (values: number[], pick: (...values: number[]) => number) => (values.length ? pick(...values) : 0)
  const [left, right] = [
    of(
      box.map((each) => each.left),
      Math.min,
    ) - MARGIN,
    of(
      box.map((each) => each.right),
      Math.max,
    ) + MARGIN,
  ]
  const rows = box.map((each) => each.y)
  const [top, bottom] = [of(rows, Math.min) - HEIGHT / 2 - MARGIN, of(rows, Math.max) + HEIGHT / 2 + MARGIN]
  const wires = nodes.flatMap((node) => {
    const outputs = Array.isArray(node.wires) ? (node.wires as unknown[]) : []
    return outputs.flatMap((targets, port) => {
      const from = { x: numberOf(node.x) + widthOf(node) / 2, y: numberOf(node.y) + (port - (outputs.length - 1) / 2) * 10 }
      return (Array.isArray(targets) ? targets : []).flatMap((id) => {
        const target = byId.get(String(id))
        if (!target) return []
        const to = { x: numberOf(target.x) - widthOf(target) / 2, y: numberOf(target.y) }
        const bend = Math.max(30, Math.abs(to.x - from.x) / 2)
        return [`<path d="M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}"/>`]
      })
    })
  })
  const boxes = nodes.map((node) => {
    const width = widthOf(node)
    const [x, y] = [numberOf(node.x) - width / 2, numberOf(node.y) - HEIGHT / 2]
    if (node.type === 'comment') return `<text x="${x}" y="${y + 20}" class="c">${shown(textOf(node.name), node)}</text>`
    const color = FAMILY_OF.get(node.type)?.color ?? CORE[node.type] ?? '#d9dce1'
    return `<rect x="${x}" y="${y}" width="${width}" height="${HEIGHT}" rx="5" fill="${color}"/><text x="${x + width / 2}" y="${y + 20}" text-anchor="middle">${shown(labelOf(node), node)}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${right - left} ${bottom - top}" role="img">`,
    '<style>rect{stroke:#5b6470;stroke-width:1}path{fill:none;stroke:#7d8794;stroke-width:2.5}text{font:13px system-ui,sans-serif;fill:#15191e}.c{font-weight:600;fill:#5b6470}</style>',
    `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="#f7f8fa" stroke="none" style="stroke:none"/>`,
    ...wires,
    ...boxes,
    '</svg>',
  ].join('')
}
