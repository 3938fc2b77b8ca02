/** What the canvas offers by itself: how wires run, the minimap, guide lines, walking along wires. */
import { Map as MapIcon, Ruler, Spline } from 'lucide-react'
import { useMemo } from 'react'
import type { Action } from '../host/action.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { useActions, useHost } from '../host/use-host.ts'
import type { WireStyle } from './route.ts'
import { keep, kept } from './taste.ts'
import { type CanvasText, useCanvasText } from './text.ts'

export function CanvasFeature() {
  const host = useHost()
  const text = useCanvasText()
  useActions(useMemo(() => [...viewActions(host, text), ...walkActions(host, text)], [host, text]))
  return null
}

const STYLES: readonly WireStyle[] = ['smooth', 'square', 'curved']

function viewActions(host: DesignerHost, { actions, words, said }: CanvasText): Action[] {
  return [
    ...STYLES.map(
      (style): Action => ({
        id: `view.wires-${style}`,
        title: actions[style],
        group: 'view',
        icon: Spline,
        words: words.wires,
        isInMenu: true,
        isOn: () => host.canvas?.wireStyle === style,
        run: () => {
          if (host.canvas) host.canvas.wireStyle = style
          host.say(said.wires[style])
        },
      }),
    ),
    {
      id: 'view.minimap',
      title: actions.map,
      group: 'view',
      icon: MapIcon,
      words: words.map,
      isInMenu: true,
      isOn: () => kept('map', ['on', 'off']) === 'on',
      run: () => {
        const isOn = kept('map', ['on', 'off']) === 'off'
        keep('map', isOn ? 'on' : 'off')
        host.handle?.showMap(isOn)
      },
    },
    {
      id: 'view.guides',
      title: actions.guides,
      group: 'view',
      icon: Ruler,
      words: words.guides,
      isOn: () => kept('guides', ['on', 'off']) === 'on',
      run: () => keep('guides', kept('guides', ['on', 'off']) === 'on' ? 'off' : 'on'),
    },
  ]
}

function walkActions(host: DesignerHost, { actions, words, why, said }: CanvasText): Action[] {
  const one = () => [...host.workspace.selection].at(0) ?? wireInHand(host)?.from.id
  const wires = (id: string | undefined, side: 'from' | 'to' | undefined) => {
    const { canvas } = host
    if (!canvas || id === undefined) return []
    return [...canvas.area.wiresOf(id)]
      .map((wire) => canvas.area.wires.get(wire))
      .filter((wire) => wire !== undefined)
      .filter((wire) => side === undefined || wire[side].id === id)
      .sort((a, b) => Number(a.to.id === id) - Number(b.to.id === id) || a.from.port - b.from.port || a.to.id.localeCompare(b.to.id))
  }
  const follow = (side: 'from' | 'to') => {
    const wire = wires(one(), side)[0]
    if (wire) host.workspace.reveal(side === 'from' ? wire.to.id : wire.from.id)
    const [now] = host.workspace.selection
    if (now) host.handle?.announce(now)
  }
  const nextWire = (by: 1 | -1) => {
    const { workspace } = host
    // the node whose wires are gone through stays the same while its wires are chosen one after the other
    const held = wireInHand(host)
    const id = [...workspace.selection].at(0) ?? walked ?? held?.from.id
    const all = wires(id, undefined)
    if (id === undefined || all.length === 0) return
    walked = id
    const at = all.findIndex((wire) => wire.id === held?.id)
    const next = all[(at + by + all.length) % all.length] ?? all[0]
    if (!next) return
    workspace.select([], [next.id])
    const name = (node: string) => host.canvas?.scene.nodes.get(node)?.label || node
    host.say(said.wire(name(next.from.id), name(next.to.id), all.indexOf(next) + 1, all.length))
  }
  let walked: string | undefined
  return [
    {
      id: 'navigate.followOut',
      title: actions.followOut,
      group: 'navigate',
      keys: ['.'],
      words: words.follow,
      whyNot: () => (one() === undefined ? why.noNode : wires(one(), 'from').length ? undefined : why.noneOut),
      run: () => follow('from'),
    },
    {
      id: 'navigate.followIn',
      title: actions.followIn,
      group: 'navigate',
      keys: [','],
      words: words.follow,
      whyNot: () => (one() === undefined ? why.noNode : wires(one(), 'to').length ? undefined : why.noneIn),
      run: () => follow('to'),
    },
    ...([1, -1] as const).map(
      (by): Action => ({
        id: by === 1 ? 'select.nextWire' : 'select.previousWire',
        title: by === 1 ? actions.nextWire : actions.previousWire,
        group: 'select',
        keys: [by === 1 ? 'W' : 'Shift+W'],
        words: words.wire,
        whyNot: () => (one() === undefined ? why.noNode : wires(one(), undefined).length ? undefined : why.noWires),
        run: () => nextWire(by),
      }),
    ),
  ]
}

/** The one chosen wire. */
function wireInHand({ workspace, canvas }: DesignerHost) {
  const [id] = workspace.selectedWires
  return id === undefined ? undefined : canvas?.area.wires.get(id)
}
