/**
 * Drawing wires as Node-RED does: a press on any port begins a wire, also on an input that has one; a release on a
 * fitting port draws it. Ports are found by geometry: one small element follows the port under the pointer, and that
 * is all that Rete's connection plugin ever sees of ports.
 */
import { ConnectionPlugin, Flow, type SocketData } from 'rete-connection-plugin'
import type { Box } from '../model/ports.ts'
import type { PortEnd } from '../model/scene.ts'
import type { FlowArea, Schemes } from './flow-area.ts'

export type PortHit = PortEnd & { side: 'input' | 'output' }

export interface PortFlowHost {
  /** Draws the wire in the model. @returns whether there is a new wire */
  connect(from: PortEnd, to: PortEnd): boolean
  /** A wire was let go over nothing. */
  dropped(port: PortHit): void
  /** What a port is called, where it has a name. */
  nameOf(port: PortHit): string | undefined
}

const endOf = (socket: SocketData): PortEnd => ({ id: socket.nodeId, port: Number(socket.key) })

class NodeRedFlow extends Flow<Schemes, never[]> {
  #picked: SocketData | undefined
  readonly #host: PortFlowHost

  constructor(host: PortFlowHost) {
    super()
    this.#host = host
  }

  override async pick({ socket, event }: { socket: SocketData; event: 'up' | 'down' }): Promise<void> {
    if (event === 'down') {
      this.#picked = socket
      return
    }
    const first = this.#picked
    this.#picked = undefined
    if (!first || first.side === socket.side) return
    const [from, to] = first.side === 'output' ? [first, socket] : [socket, first]
    this.#host.connect(endOf(from), endOf(to))
  }

  override getPickedSocket(): SocketData | undefined {
    return this.#picked
  }

  override drop(): void {
    const picked = this.#picked
    this.#picked = undefined
    if (picked) this.#host.dropped({ ...endOf(picked), side: picked.side })
  }
}

/** Half the size of the probe on a port; larger than any reach, so that the pointer is always on it. */
const HALF = 20

/** Tells Rete's connection plugin which port the pointer is on. */
export class PortProbe {
  readonly #area: FlowArea
  readonly #plugin = new ConnectionPlugin<Schemes>()
  #at: { hit: PortHit; element: HTMLElement } | undefined
  readonly #nameOf: PortFlowHost['nameOf']
  #isCancelling = false
  #told: Promise<unknown> = Promise.resolve()

  constructor(area: FlowArea, host: PortFlowHost) {
    this.#area = area
    this.#nameOf = host.nameOf
    this.#plugin.addPreset(
      () =>
        new NodeRedFlow({
          nameOf: host.nameOf,
          connect: (from, to) => host.connect(from, to),
          dropped: (port) => {
            if (!this.#isCancelling) host.dropped(port)
          },
        }),
    )
    area.use(this.#plugin as never)
  }

  /** Puts the probe on a port, or away. With `over`, it covers that box too: a node's body stands for its port. */
  place(hit: PortHit | undefined, at?: { x: number; y: number }, over?: Box): void {
    const before = this.#at
    if (before && hit && before.hit.id === hit.id && before.hit.side === hit.side && before.hit.port === hit.port) return
    if (before) {
      void this.#area.emit({ type: 'unmount', data: { element: before.element } })
      before.element.remove()
      this.#at = undefined
    }
    if (!hit || !at) return
    const box = over ?? { ...at, width: HALF * 2, height: HALF * 2 }
    const [left, top] = [box.x - box.width / 2, box.y - box.height / 2]
    const element = document.createElement('div')
    element.className = 'flow-port-probe'
    element.style.width = `${box.width}px`
    element.style.height = `${box.height}px`
    element.style.transform = `translate(${left}px, ${top}px)`
    const glow = document.createElement('span')
    glow.style.transform = `translate(${at.x - left}px, ${at.y - top}px)`
    element.append(glow)
    const name = this.#nameOf(hit)
    if (name) {
      const label = document.createElement('em')
      label.className = 'flow-port-label'
      label.textContent = name
      label.style.top = `${at.y - top - 10}px`
      // beside the port, away from the node
      if (hit.side === 'output') label.style.left = `${at.x - left + 14}px`
      else label.style.right = `${box.width - (at.x - left) + 14}px`
      element.append(label)
    }
    this.#area.area.content.add(element)
    this.#at = { hit, element }
    this.#told = this.#area.emit({ type: 'render', data: { element, type: 'socket', side: hit.side, key: String(hit.port), nodeId: hit.id } as never })
  }

  get element(): HTMLElement | undefined {
    return this.#at?.element
  }

  /** Resolves when the plugin hears what happens to the probe. */
  async ready(): Promise<void> {
    await this.#told
  }

  /** Gives up the wire being drawn. */
  cancel(): void {
    this.#isCancelling = true
    this.place(undefined)
    this.#plugin.drop()
    this.#isCancelling = false
  }
}
