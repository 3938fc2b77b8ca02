/** The face of a node: plain elements, made once and filled anew when something about the node changes. */
import type { NodeStatus } from '../../../server/api/flows.ts'
import { outputAt, PORT_SIZE } from '../model/ports.ts'
import type { SceneNode } from '../model/scene.ts'
import { familyOf } from './families.ts'
import { iconOf } from './icons.tsx'
import type { NodeMark } from './layers.ts'

export interface FaceState {
  isSelected: boolean
  /** Differs from what is deployed. */
  isChanged: boolean
  problem: string | undefined
  status: NodeStatus | undefined
  marks: readonly NodeMark[]
  /** Said to screen readers. */
  name: string
  icon: string | undefined
}

const SVG = 'http://www.w3.org/2000/svg'

/** What an element shows already, so that only what changed is made anew: ports stay under the pointer. */
const drawn = new WeakMap<HTMLElement, { body: string; extras: string; parts: Element[] }>()

/** Fills a node's element. Ports stand where `ports.ts` says. */
export function drawFace(element: HTMLElement, node: SceneNode, state: FaceState): void {
  flag(element, 'selected', state.isSelected)
  flag(element, 'changed', state.isChanged)
  flag(element, 'problem', state.problem !== undefined)
  element.setAttribute('aria-label', [state.name, ...state.marks.map(({ title }) => title)].join(', '))
  if (element.title !== (state.problem ?? '')) element.title = state.problem ?? ''

  const before = drawn.get(element)
  const { x: _x, y: _y, ...look } = node
  const body = JSON.stringify([look, state.icon])
  const extras = JSON.stringify([state.status, state.problem !== undefined, state.isChanged, state.marks])
  if (before?.body === body && before.extras === extras) return
  const parts = before?.body === body ? before.parts : drawBody(element, node, state.icon)
  const marks: Element[] = []
  if (state.status) marks.push(statusLine(state.status))
  if (state.problem !== undefined) marks.push(badge('problem', 'triangle-alert'))
  else if (state.isChanged) marks.push(span('flow-node-changed', ''))
  if (state.marks.length > 0) marks.push(markRow(state.marks))
  if (parts === before?.parts) {
    for (const child of [...element.children]) if (!parts.includes(child)) child.remove()
    element.append(...marks)
  } else element.replaceChildren(...parts, ...marks)
  drawn.set(element, { body, extras, parts })
}

/** What does not depend on what happens to the node: icon, label, ports. */
function drawBody(element: HTMLElement, node: SceneNode, icon: string | undefined): Element[] {
  element.id = `flow-node-${node.id}`
  element.className = 'flow-node'
  element.dataset.testid = `node-${node.id}`
  element.dataset.kind = node.kind
  element.dataset.family = familyOf(node.family)
  flag(element, 'disabled', node.isDisabled)
  flag(element, 'unknown', node.isUnknown)
  flag(element, 'square', node.isLabelHidden)
  flag(element, 'comment', node.type === 'comment')
  element.setAttribute('role', 'img')
  element.style.width = `${node.width}px`
  element.style.height = `${node.height}px`

  const parts: Element[] = []
  if (node.kind === 'node') {
    const mark = document.createElement('span')
    mark.className = 'flow-node-icon'
    mark.append(use(iconOf(node.type, node.family, icon)))
    parts.push(mark)
    if (!node.isLabelHidden) parts.push(span('flow-node-label', node.label))
  } else if (node.kind !== 'junction') {
    parts.push(span('flow-node-part', node.kind === 'subflow-in' ? '→' : node.kind === 'subflow-out' ? node.label : '●'))
  }
  if (node.kind !== 'junction') {
    const half = PORT_SIZE / 2
    if (node.inputs > 0) parts.push(port(-half, node.height / 2 - half))
    for (let index = 0; index < node.outputs; index += 1) {
      const at = outputAt({ ...node, x: node.width / 2, y: node.height / 2 }, index)
      parts.push(port(at.x - half, at.y - half))
    }
  }
  return parts
}

function flag(element: HTMLElement, name: string, isOn: boolean): void {
  if (isOn) element.dataset[name] = ''
  else delete element.dataset[name]
}

function span(className: string, text: string): HTMLElement {
  const element = document.createElement('span')
  element.className = className
  element.textContent = text
  return element
}

function port(x: number, y: number): HTMLElement {
  const element = document.createElement('span')
  element.className = 'flow-node-port'
  element.style.transform = `translate(${x}px, ${y}px)`
  return element
}

function badge(kind: string, icon: string): HTMLElement {
  const element = span(`flow-node-badge flow-node-${kind}`, '')
  element.append(use(icon))
  return element
}

function markRow(marks: readonly NodeMark[]): HTMLElement {
  const row = span('flow-node-marks', '')
  for (const { kind, icon, text, title } of marks) {
    const mark = span(`flow-node-mark flow-node-mark-${kind}`, '')
    mark.title = title
    if (icon) mark.append(use(icon))
    if (text) mark.append(text)
    row.append(mark)
  }
  return row
}

/** An icon from the sprite that the page holds. */
function use(icon: string): SVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const element = document.createElementNS(SVG, 'use')
  element.setAttribute('href', `#icon-${icon}`)
  svg.append(element)
  return svg
}

/** Node-RED's status: a dot or a ring in one of five colours, and a text. Never colour alone: the ring and the text differ too. */
function statusLine(status: NodeStatus): HTMLElement {
  const line = document.createElement('span')
  line.className = 'flow-node-status'
  if (status.fill || status.shape) {
    const mark = span('flow-node-status-mark', '')
    mark.dataset.fill = status.fill ?? 'grey'
    mark.dataset.shape = status.shape ?? 'dot'
    line.append(mark)
  }
  line.append(status.text ?? '')
  return line
}
