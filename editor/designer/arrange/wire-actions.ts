/** Wires: junctions and link nodes in them; nodes taken out of a chain without breaking it. Duplicates, comments, labels. */
import { BetweenHorizontalStart, Copy, GitFork, Link2, MessageSquare, Unlink } from 'lucide-react'
import type { Action, ActionTarget } from '../host/action.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { copyText, paste, readFlows } from '../model/clipboard.ts'
import { addNode, withMembers } from '../model/commands.ts'
import { cutWires } from '../model/junctions.ts'
import { splitWithLinks } from '../model/links.ts'
import { inputAt, outputAt, type Ported, snap } from '../model/ports.ts'
import { kindOf } from '../model/raw.ts'
import { detach, removeAndReconnect } from '../model/reconnect.ts'
import { type PortEnd, sceneNode } from '../model/scene.ts'
import { type ActionParts, boxesOf, changing, chosen, chosenNodes, chosenWires, isPart } from './parts.ts'

export function wireActions(parts: ActionParts): Action[] {
  const { host, text } = parts
  const { workspace } = host
  const { model } = workspace
  const { actions, words, why, said } = text
  const someWire = (target: ActionTarget | undefined) => (chosenWires(host, target).length ? undefined : why.noWire)
  const someNode = (target: ActionTarget | undefined) => (chosen(host, target).some((id) => !isPart(id)) ? undefined : why.nothing)
  const nodes = (target: ActionTarget | undefined) => chosen(host, target).filter((id) => !isPart(id))

  return changing(parts, [
    {
      id: 'arrange.junction',
      title: actions.junction,
      group: 'insert',
      icon: GitFork,
      keys: ['Alt+J'],
      words: words.junction,
      on: ['wire'],
      whyNot: someWire,
      run: (target) => {
        const wires = chosenWires(host, target)
        const only = wires.length === 1 && target?.hit.on === 'wire' ? target.at : undefined
        const made = cutWires(
          model,
          workspace.place ?? '',
          wires.map((wire) => ({
            wire,
            at: only ? { x: snap(only.x), y: snap(only.y) } : middleOf(endAt(host, wire.from, 'output'), endAt(host, wire.to, 'input')),
          })),
        )
        workspace.select(made)
        host.say(said.junctions(made.size))
      },
    },
    {
      id: 'arrange.links',
      title: actions.links,
      group: 'arrange',
      icon: Link2,
      keys: ['Alt+L L'],
      words: words.links,
      on: ['wire'],
      whyNot: someWire,
      run: (target) => {
        const made = splitWithLinks(model, workspace.place ?? '', chosenWires(host, target), (end, side) => endAt(host, end, side))
        workspace.select(made)
        host.say(said.links(made.size))
      },
    },
    {
      id: 'arrange.reconnect',
      title: actions.reconnect,
      group: 'edit',
      icon: BetweenHorizontalStart,
      keys: ['Ctrl+Delete', 'Ctrl+Backspace'],
      words: words.reconnect,
      on: ['node'],
      whyNot: someNode,
      run: (target) => {
        const gone = nodes(target)
        removeAndReconnect(model, gone)
        workspace.select([])
        host.say(said.removed(gone.length))
      },
    },
    {
      id: 'arrange.detach',
      title: actions.detach,
      group: 'arrange',
      icon: Unlink,
      words: words.detach,
      on: ['node'],
      whyNot: someNode,
      run: (target) => {
        detach(model, nodes(target))
        host.say(said.detached)
      },
    },
    {
      id: 'edit.duplicate',
      title: actions.duplicate,
      group: 'edit',
      icon: Copy,
      keys: ['Ctrl+Shift+D'],
      words: words.duplicate,
      on: ['node', 'group'],
      whyNot: someNode,
      run: (target) => duplicate(host, nodes(target)),
    },
    {
      id: 'insert.comment',
      title: actions.comment,
      group: 'insert',
      icon: MessageSquare,
      words: words.comment,
      on: ['nothing', 'group'],
      whyNot: () => (workspace.types.has('comment') ? undefined : why.noComment),
      run: (target) => {
        const type = workspace.types.get('comment')
        const at = target?.at ?? host.canvas?.view.middle
        if (!type || !at || workspace.place === undefined) return
        const id = addNode(model, { type, parent: workspace.place, at: { x: snap(at.x), y: snap(at.y) } })
        if (!model.get(id)) return
        workspace.select([id])
        host.page?.edit(id)
      },
    },
    ...([true, false] as const).map(
      (isShown): Action => ({
        id: isShown ? 'arrange.showLabels' : 'arrange.hideLabels',
        title: isShown ? actions.showLabels : actions.hideLabels,
        group: 'arrange',
        words: words.labels,
        on: ['node'],
        whyNot: someNode,
        run: (target) =>
          model.edit('change', (draft) => {
            for (const node of chosenNodes(host, target)) {
              // link nodes hide theirs unless they are told (@node-red/editor-client, nodes.js: `l`)
              const isUsual = isShown !== /^link (in|out)$/.test(node.type)
              if (kindOf(node) === 'node') draft.patch(node.id, { l: isUsual ? undefined : isShown })
            }
          }),
      }),
    ),
  ])
}

/** Where a wire's end is, also of a node in a folded group. */
function endAt({ workspace: { model, types }, canvas }: DesignerHost, end: PortEnd, side: 'input' | 'output'): { x: number; y: number } {
  const object = model.get(end.id)
  const shown = canvas?.scene.nodes.get(end.id)
  const node: Ported | undefined = shown ?? (object && canvas && sceneNode(model, object, types, canvas.measure))
  if (!node) return { x: 0, y: 0 }
  return side === 'input' ? inputAt(node) : outputAt(node, end.port)
}

function middleOf(a: { x: number; y: number }, b: { x: number; y: number }): { x: number; y: number } {
  return { x: snap((a.x + b.x) / 2), y: snap((a.y + b.y) / 2) }
}

/** Beside the original, wired among themselves, selected. */
function duplicate(host: DesignerHost, ids: readonly string[]): void {
  const { workspace } = host
  const { model, place } = workspace
  const read = readFlows(copyText(model, new Set(ids)))
  if ('error' in read || place === undefined) return
  const points = [...withMembers(model, ids)].map((id) => model.get(id)).filter((node) => node !== undefined && kindOf(node) !== 'config')
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2
  const boxes = boxesOf(host, ids)
  const height = Math.max(...boxes.map((box) => box.y + box.height / 2)) - Math.min(...boxes.map((box) => box.y - box.height / 2))
  const at = { x: middle(points.map((node) => Number(node?.x))) + 20, y: middle(points.map((node) => Number(node?.y))) + snap(height + 20) }
  workspace.select(paste(model, read.nodes, { parent: place, at, label: 'paste' }))
}
