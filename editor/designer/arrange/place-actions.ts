/** Lining up, distributing, laying out; selecting along wires. */
import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndHorizontal,
  AlignEndVertical,
  AlignHorizontalDistributeCenter,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalDistributeCenter,
  Grid3x3,
  Network,
} from 'lucide-react'
import type { Action, ActionTarget } from '../host/action.ts'
import { placeNodes } from '../model/commands.ts'
import { kindOf } from '../model/raw.ts'
import { type Direction, reachable } from '../model/walk.ts'
import { type Alignment, aligned, distributed, onGrid, type Placed } from './align.ts'
import { type ActionParts, boxesOf, changing, chosen, filePlaces } from './parts.ts'

const ALIGNMENTS: readonly { to: Alignment; id: `align${string}`; key: string; icon: NonNullable<Action['icon']> }[] = [
  { to: 'left', id: 'alignLeft', key: 'Alt+A L', icon: AlignStartVertical },
  { to: 'centre', id: 'alignCentre', key: 'Alt+A C', icon: AlignCenterVertical },
  { to: 'right', id: 'alignRight', key: 'Alt+A R', icon: AlignEndVertical },
  { to: 'top', id: 'alignTop', key: 'Alt+A T', icon: AlignStartHorizontal },
  { to: 'middle', id: 'alignMiddle', key: 'Alt+A M', icon: AlignCenterHorizontal },
  { to: 'bottom', id: 'alignBottom', key: 'Alt+A B', icon: AlignEndHorizontal },
]

/** @param layOut lays out the selection, or everything */
export function placeActions(parts: ActionParts & { layOut: () => void }): Action[] {
  const { host, text, layOut } = parts
  const { workspace } = host
  const { model } = workspace
  const { actions, words, why, said } = text
  const boxes = (target: ActionTarget | undefined) => boxesOf(host, chosen(host, target))
  const atLeast = (count: number, target: ActionTarget | undefined) =>
    boxes(target).length >= count ? undefined : count > 2 ? why.three : count > 1 ? why.two : why.nothing
  const place = (target: ActionTarget | undefined, to: (all: readonly Placed[]) => ReadonlyMap<string, { x: number; y: number }>) => {
    const all = boxes(target)
    const places = filePlaces(host, all, to(all))
    placeNodes(model, places)
    host.say(said.moved(places.size))
  }
  /** Only where there are several to line up. */
  const several = (count: number) => (target: ActionTarget | undefined) => !target || boxes(target).length >= count
  const titles = actions as Readonly<Record<string, string>>

  return [
    ...changing(parts, [
      ...ALIGNMENTS.map(
        ({ to, id, key, icon }): Action => ({
          id: `arrange.${id}`,
          title: titles[id] ?? id,
          group: 'arrange',
          icon,
          keys: [key],
          words: words.align,
          on: ['node', 'group'],
          isShown: several(2),
          whyNot: (target) => atLeast(2, target),
          run: (target) => place(target, (all) => aligned(all, to)),
        }),
      ),
      {
        id: 'arrange.toGrid',
        title: actions.toGrid,
        group: 'arrange',
        icon: Grid3x3,
        keys: ['Alt+A G'],
        words: words.align,
        on: ['node', 'group'],
        whyNot: (target) => atLeast(1, target),
        run: (target) => place(target, onGrid),
      },
      ...(['x', 'y'] as const).map(
        (along): Action => ({
          id: along === 'x' ? 'arrange.distributeX' : 'arrange.distributeY',
          title: along === 'x' ? actions.distributeX : actions.distributeY,
          group: 'arrange',
          icon: along === 'x' ? AlignHorizontalDistributeCenter : AlignVerticalDistributeCenter,
          keys: [along === 'x' ? 'Alt+A H' : 'Alt+A V'],
          words: words.align,
          on: ['node', 'group'],
          isShown: several(3),
          whyNot: (target) => atLeast(3, target),
          run: (target) => place(target, (all) => distributed(all, along)),
        }),
      ),
      {
        id: 'arrange.layout',
        title: actions.layout,
        group: 'arrange',
        icon: Network,
        keys: ['Alt+A A'],
        words: words.layout,
        on: ['node', 'group', 'nothing'],
        whyNot: () => (host.canvas?.scene.nodes.size ? undefined : why.empty),
        run: layOut,
      },
    ]),
    ...selectActions(parts),
  ]

  function selectActions(_: ActionParts): Action[] {
    const someNode = (target: ActionTarget | undefined) => (chosen(host, target).length ? undefined : why.noNode)
    const walk = (direction: Direction, key: string): Action => ({
      id: `select.${direction}`,
      title: actions[direction],
      group: 'select',
      keys: [key],
      words: words.select,
      on: ['node'],
      whyNot: someNode,
      run: (target) => {
        workspace.select(reachable(model, workspace.place ?? '', chosen(host, target), direction))
        host.say(said.selected(workspace.selection.size))
      },
    })
    return [
      walk('upstream', 'Alt+S U'),
      walk('downstream', 'Alt+S D'),
      walk('connected', 'Alt+S C'),
      {
        id: 'select.sameType',
        title: actions.sameType,
        group: 'select',
        keys: ['Alt+S T'],
        words: words.select,
        on: ['node'],
        whyNot: someNode,
        run: (target) => {
          const types = new Set(chosen(host, target).map((id) => model.get(id)?.type))
          const here = workspace.place === undefined ? [] : model.childrenOf(workspace.place)
          workspace.select(here.filter((node) => types.has(node.type) && kindOf(node) !== 'config').map((node) => node.id))
          host.say(said.selected(workspace.selection.size))
        },
      },
    ]
  }
}
