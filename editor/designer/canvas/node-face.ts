/** The face of a node: plain elements, made once and filled anew when something about the node changes. */
import type { NodeStatus } from '../../../server/api/flows.ts'
import { spriteOf } from '../config/object/node-icons.ts'
import { outputAt, PORT_SIZE } from '../model/ports.ts'
import type { SceneNode } from '../model/scene.ts'
import { familyOf } from './families.ts'
import { iconImage, iconOf } from './icons.tsx'
import type { NodeMark } from './layers.ts'

export interface FaceState {
  isSelected: boolean
  /** Differs from what is deployed. */
  isChanged: boolean
  problem: string | undefined
  status: NodeStatus | undefined
  marks: readonly NodeMark[]
  icon: string | undefined
  /** Its family's colour, for the icon. */
  colour: string
}

/** What an element shows already, so that only what changed is made anew: ports stay under the pointer. */
const drawn = new WeakMap<HTMLElement, Drawn>()
interface Drawn {
  node: SceneNode
  icon: string | undefined
  colour: string
  body: string
  extras: string
  parts: Node[]
  status: HTMLElement | undefined
}

/** Fills a node's element. Ports stand where `ports.ts` says. */
export function drawFace(element: HTMLElement, node: SceneNode, state: FaceState): void {
  flag(element, 'selected', state.isSelected)
  flag(element, 'changed', state.isChanged)
  flag(element, 'problem', state.problem !== undefined)
  const tip = state.problem ?? ((state.status?.text?.length ?? 0) > STATUS_MAX ? (state.status?.text ?? '') : '')
  if (element.title !== tip) element.title = tip

  const before = drawn.get(element)
  const body = before?.node === node && before.icon === state.icon && before.colour === state.colour ? before.body : bodyOf(node, state)
  const extras = JSON.stringify([state.problem !== undefined, state.isChanged, state.marks])
  const parts = before?.body === body ? before.parts : drawBody(element, node, state)
  const isSame = before?.parts === parts && before.extras === extras
  const status = drawStatus(before?.status, state.status)
  drawn.set(element, { node, icon: state.icon, colour: state.colour, body, extras, parts, status })
  if (isSame && before.status === status) return
  const signs: Element[] = []
  if (status) signs.push(status)
  if (state.problem !== undefined) signs.push(badge('problem', 'triangle-alert'))
  else if (state.isChanged) signs.push(span('flow-node-changed', ''))
  if (state.marks.length > 0) signs.push(markRow(state.marks))
  if (parts === before?.parts) {
    for (const child of [...element.childNodes]) if (!parts.includes(child) && child !== status) child.remove()
    element.append(...signs)
  } else element.replaceChildren(...parts, ...signs)
}

function bodyOf({ x: _x, y: _y, ...look }: SceneNode, { icon, colour }: FaceState): string {
  return JSON.stringify([look, icon, colour])
}

/** What does not depend on what happens to the node: icon, label, ports. As few elements as can be: there are many nodes. */
function drawBody(element: HTMLElement, node: SceneNode, state: FaceState): Node[] {
  element.id = `flow-node-${node.id}`
  element.className = 'flow-node'
  element.dataset.testid = `node-${node.id}`
  element.dataset.kind = node.kind
  element.dataset.family = familyOf(node.family)
  flag(element, 'disabled', node.isDisabled)
  flag(element, 'unknown', node.isUnknown)
  flag(element, 'square', node.isLabelHidden)
  flag(element, 'comment', node.type === 'comment')
  // ports at the middle of a side are drawn by the style sheet
  flag(element, 'in', node.inputs > 0 && node.kind !== 'junction')
  flag(element, 'out', node.outputs === 1 && node.kind !== 'junction')
  element.setAttribute('role', 'img')
  element.style.width = `${node.width}px`
  element.style.height = `${node.height}px`
  const hasIcon = node.kind === 'node' || node.kind === 'group'
  if (hasIcon)
    element.style.setProperty(
      '--icon',
      iconImage(node.kind === 'group' ? 'combine' : (spriteOf(node.icon) ?? iconOf(node.type, node.family, state.icon)), state.colour),
    )
  else element.style.removeProperty('--icon')

  const parts: Node[] = []
  if (hasIcon && !node.isLabelHidden) parts.push(document.createTextNode(node.label))
  else if (node.kind.startsWith('subflow'))
    parts.push(span('flow-node-part', node.kind === 'subflow-in' ? '→' : node.kind === 'subflow-out' ? node.label : '●'))
  if (node.button && !node.isLabelHidden) parts.push(buttonBeside(node.button))
  if (node.outputs > 1) {
    const half = PORT_SIZE / 2
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
  element.style.left = `${x - 1}px`
  element.style.top = `${y - 1}px`
  return element
}

/** Pressed by `find/node-buttons.tsx`. The keyboard has actions for it, so that it is no stop of its own. */
function buttonBeside(what: 'send' | 'on' | 'off'): HTMLElement {
  const element = span('flow-node-button', '')
  element.dataset.button = what
  element.dataset.notCanvas = ''
  element.append(picture(what === 'send' ? 'play' : what === 'on' ? 'bug' : 'bug-off'))
  return element
}

function badge(kind: string, icon: string): HTMLElement {
  const element = span(`flow-node-badge flow-node-${kind}`, '')
  element.append(picture(icon))
  return element
}

function markRow(marks: readonly NodeMark[]): HTMLElement {
  const row = span('flow-node-marks', '')
  for (const { kind, icon, text, title } of marks) {
    const mark = span(`flow-node-mark flow-node-mark-${kind}`, '')
    mark.title = title
    if (icon) mark.append(picture(icon))
    if (text) mark.append(text)
    row.append(mark)
  }
  return row
}

/** An icon in the colour of the text around it. */
function picture(icon: string): HTMLElement {
  const element = span('type-icon', '')
  element.style.maskImage = iconImage(icon, 'black')
  return element
}

/** A longer status is cut: the whole of it is in the node's tooltip. */
const STATUS_MAX = 44

/**
 * Node-RED's status: a dot or a ring in one of five colours, and a text. Never colour alone: the ring and the text differ too.
 * Written into the element that is there: statuses change all the time.
 */
function drawStatus(before: HTMLElement | undefined, status: NodeStatus | undefined): HTMLElement | undefined {
  if (!status) return undefined
  const line = before ?? span('flow-node-status', '')
  const whole = status.text ?? ''
  const text = whole.length > STATUS_MAX ? `${whole.slice(0, STATUS_MAX - 1)}…` : whole
  if (line.firstChild instanceof Text) {
    if (line.firstChild.data !== text) line.firstChild.data = text
  } else line.textContent = text
  const hasMark = status.fill !== undefined || status.shape !== undefined
  put(line, 'fill', hasMark ? (status.fill ?? 'grey') : undefined)
  put(line, 'shape', hasMark ? (status.shape ?? 'dot') : undefined)
  return line
}

function put(element: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) delete element.dataset[name]
  else if (element.dataset[name] !== value) element.dataset[name] = value
}
