/** Wires in the hand: drawn from a port, taken off one and put on another, cut by a line. */
import { connect, disconnect, type Point } from '../../model/commands.ts'
import { cutWires } from '../../model/junctions.ts'
import { type Box, inputAt, outputAt } from '../../model/ports.ts'
import { edgePorts, wiresBehind } from '../../model/wires.ts'
import type { ShownWire } from '../flow-area.ts'
import type { FlowCanvas } from '../flow-canvas.ts'
import type { Hit } from '../hit.ts'
import type { PortHit } from '../port-flow.ts'
import { cutBy } from '../slice.ts'

/** Wires taken off a port. */
export interface Taken {
  wires: readonly ShownWire[]
  /** The end that is in the hand. */
  loose: PortHit
}

interface Target {
  port: PortHit
  at: Point
  /** The probe covers it. */
  over?: Box
}

/** A folded group opens when a wire is held over it this long. */
const OPEN_MS = 600

export class WireHand {
  readonly #canvas: FlowCanvas
  #opening: { group: string; timer: ReturnType<typeof setTimeout> } | undefined

  constructor(canvas: FlowCanvas) {
    this.#canvas = canvas
  }

  /** While a wire is drawn the probe follows the nearest port that fits. */
  aim(at: Point): void {
    const { area, probe } = this.#canvas
    if (!area.dangling) return
    const hit = this.#canvas.hit(at, 'touch')
    this.#openLater(this.foldedAt(hit))
    const target = this.#targetOf(hit, area.dangling.port)
    if (target) probe.place(target.port, target.at, target.over)
    else probe.place(undefined)
  }

  /** Let go over a folded group with more than one way in: it opens, so that one can be chosen. @returns whether it did */
  dropOnFolded(at: Point): boolean {
    const { area, workspace, probe } = this.#canvas
    const from = area.dangling?.port
    const hit = this.#canvas.hit(at, 'touch')
    const group = this.foldedAt(hit)
    this.end()
    if (!from || group === undefined || from.id === group || this.#targetOf(hit, from)) return false
    probe.cancel()
    workspace.collapsed.set([group], false)
    return true
  }

  /** The folded group that was hit. */
  foldedAt(hit: Hit): string | undefined {
    const id = hit.on === 'port' ? hit.port.id : hit.on === 'node' ? hit.id : undefined
    return id !== undefined && this.#canvas.scene.nodes.get(id)?.kind === 'group' ? id : undefined
  }

  /**
   * Opens a folded group at whose port a wire is pulled.
   * @returns the one port inside that stands behind it; undefined where there are several to choose from
   */
  async openAt({ id, side }: PortHit): Promise<{ port: PortHit; at: Point } | undefined> {
    const { workspace, area } = this.#canvas
    const [end, ...others] = edgePorts(workspace.model, id, side)
    workspace.collapsed.set([id], false)
    await this.#canvas.settled()
    const box = end && area.views.get(end.id)?.box
    if (!box || others.length > 0) return undefined
    return { port: { ...end, side }, at: side === 'input' ? inputAt(box) : outputAt(box, end.port) }
  }

  #openLater(group: string | undefined): void {
    if (this.#opening?.group === group) return
    clearTimeout(this.#opening?.timer)
    this.#opening = group === undefined ? undefined : { group, timer: setTimeout(() => this.#canvas.workspace.collapsed.set([group], false), OPEN_MS) }
  }

  /** The hand is empty. */
  end(): void {
    this.#openLater(undefined)
  }

  /** A node's body takes a wire at its input, so that a wire need not be aimed; a folded group for the one input behind it. */
  #targetOf(hit: Hit, from: PortHit): Target | undefined {
    const id = hit.on === 'node' ? hit.id : hit.on === 'port' ? hit.port.id : undefined
    const box = id === undefined || id === from.id ? undefined : this.#canvas.area.views.get(id)?.box
    if (!box || id === undefined) return undefined
    if (box.kind === 'group') {
      const side = from.side === 'output' ? 'input' : 'output'
      const [end, ...others] = edgePorts(this.#canvas.workspace.model, id, side)
      if (!end || others.length > 0 || end.id === from.id) return undefined
      return { port: { ...end, side }, at: side === 'input' ? inputAt(box) : outputAt(box, 0), over: wider(box) }
    }
    if (hit.on === 'port' && hit.port.side !== from.side) return { port: hit.port, at: hit.at }
    if (from.side === 'output' && box.inputs > 0) return { port: { id, port: 0, side: 'input' }, at: inputAt(box), over: wider(box) }
    if (from.side === 'input' && box.outputs === 1) return { port: { id, port: 0, side: 'output' }, at: outputAt(box, 0), over: wider(box) }
    return undefined
  }

  /** Takes the wires of a port in the hand: the selected ones among them, or all. @returns nothing where it has none */
  take(port: PortHit, at: Point): Taken | undefined {
    const { area, workspace } = this.#canvas
    const all = [...area.wiresOf(port.id)]
      .map((id) => area.wires.get(id))
      .filter((wire) => wire !== undefined)
      .filter(({ from, to }) => (port.side === 'output' ? from.id === port.id && from.port === port.port : to.id === port.id))
    const chosen = all.filter((wire) => workspace.selectedWires.has(wire.id))
    const wires = chosen.length ? chosen : all
    const [first] = wires
    if (!first) return undefined
    const loose: PortHit = port.side === 'output' ? { ...first.to, side: 'input' } : { ...first.from, side: 'output' }
    this.#canvas.takeInHand(wires, loose, at)
    return { wires, loose }
  }

  /** Puts them on the port that is here; over nothing they are gone. */
  put({ wires, loose }: Taken, at: Point): void {
    const { model } = this.#canvas.workspace
    const target = this.#targetOf(this.#canvas.hit(at, 'touch'), loose)
    model.edit(target ? 'connect' : 'disconnect', () => {
      disconnect(
        model,
        wires.flatMap((wire) => wiresBehind(model, wire)),
      )
      if (!target) return
      const { id, port } = target.port
      for (const { from, to } of wires) connect(model, ...((loose.side === 'output' ? [from, { id, port }] : [{ id, port }, to]) as [PortHit, PortHit]))
    })
    this.#canvas.probe.place(undefined)
  }

  /** Cuts the wires that a line goes across, or puts junctions into them. */
  cut(mode: 'cut' | 'junction', line: readonly Point[]): void {
    const { model, place } = this.#canvas.workspace
    const cuts = cutBy(this.#canvas.area, line)
    if (cuts.length === 0) return
    if (mode === 'junction') this.#canvas.workspace.select(cutWires(model, place ?? '', cuts))
    else
      disconnect(
        model,
        cuts.flatMap(({ wire }) => wiresBehind(model, wire)),
      )
  }
}

/** The body and the ports beside it. */
const wider = (box: Box): Box => ({ x: box.x, y: box.y, width: box.width + 40, height: box.height + 20 })
