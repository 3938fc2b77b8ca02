/** Subflows: made of a selection, opened, unpacked, their ports. */
import { Component, LogIn, LogOut, PackageOpen, PackagePlus, SquareActivity, Trash2 } from 'lucide-react'
import type { Action, ActionTarget } from '../host/action.ts'
import { type FlowNode, subflowOf, subflowPorts } from '../model/raw.ts'
import {
  addSubflow,
  addSubflowPort,
  freeSubflowName,
  removeSubflow,
  removeSubflowPorts,
  subflowFromNodes,
  unpackInstance,
  whyNoSubflow,
} from '../model/subflows.ts'
import { type ActionParts, changing, chosen, chosenNodes, isPart } from './parts.ts'

export function subflowActions(parts: ActionParts): Action[] {
  const { host, text } = parts
  const { workspace } = host
  const { model } = workspace
  const { actions, words, why, said } = text
  const here = (): FlowNode | undefined => {
    const node = workspace.place === undefined ? undefined : model.get(workspace.place)
    return node?.type === 'subflow' ? node : undefined
  }
  const instance = (target: ActionTarget | undefined) => chosenNodes(host, target).find((node) => subflowOf(node) !== undefined)
  const port = (side: 'in' | 'out' | 'status', id: string, title: string, icon: NonNullable<Action['icon']>): Action => ({
    id,
    title,
    group: 'insert',
    icon,
    words: words.subflow,
    on: ['nothing'],
    isShown: (target) => !target || here() !== undefined,
    whyNot: () => {
      const subflow = here()
      if (!subflow) return why.notInSubflow
      return side !== 'out' && subflowPorts(subflow, side).length > 0 ? why.hasPort : undefined
    },
    run: () => {
      const subflow = here()
      if (subflow) addSubflowPort(model, subflow.id, side)
    },
  })

  return [
    ...changing(parts, [
      {
        id: 'arrange.toSubflow',
        title: actions.toSubflow,
        group: 'arrange',
        icon: PackagePlus,
        words: words.subflow,
        on: ['node', 'group'],
        whyNot: (target) => {
          const reason = whyNoSubflow(model, chosen(host, target))
          return reason && why[reason]
        },
        run: (target) => {
          const name = freeSubflowName(model, text.subflowWord)
          const made = subflowFromNodes(model, chosen(host, target), name)
          if (!made) return
          workspace.select([made.instance])
          host.say(said.subflow(name))
        },
      },
      {
        id: 'arrange.unpackSubflow',
        title: actions.unpack,
        group: 'arrange',
        icon: PackageOpen,
        words: words.unpack,
        on: ['node'],
        isShown: (target) => !target || instance(target) !== undefined,
        whyNot: (target) => (instance(target) ? undefined : why.noSubflow),
        run: (target) => {
          const group = unpackInstance(model, instance(target)?.id ?? '')
          if (group === undefined) return
          workspace.select([group])
          host.say(said.unpacked)
        },
      },
      port('in', 'insert.subflowInput', actions.addInput, LogIn),
      port('out', 'insert.subflowOutput', actions.addOutput, LogOut),
      port('status', 'insert.subflowStatus', actions.addStatus, SquareActivity),
      {
        id: 'edit.removeSubflowPorts',
        title: actions.removePorts,
        group: 'edit',
        icon: Trash2,
        keys: ['Delete', 'Backspace'],
        on: ['node'],
        isShown: (target) => chosen(host, target).some(isPart),
        run: (target) => {
          removeSubflowPorts(model, chosen(host, target).filter(isPart))
          workspace.select([])
        },
      },
    ]),
    {
      id: 'insert.subflow',
      title: actions.newSubflow,
      group: 'insert',
      icon: Component,
      words: words.subflow,
      run: () => {
        workspace.open(addSubflow(model, freeSubflowName(model, text.subflowWord)))
        host.focus()
      },
    },
    {
      id: 'arrange.removeSubflow',
      title: actions.removeSubflow,
      group: 'edit',
      icon: Trash2,
      words: words.subflow,
      whyNot: () => (here() ? undefined : why.notInSubflow),
      run: () => {
        const subflow = here()
        if (subflow) removeSubflow(model, subflow.id)
      },
    },
  ]
}
