/** Groups: made, taken apart, folded up, coloured. */
import { FoldVertical, Group, Palette, SquareStack, UnfoldVertical, Ungroup } from 'lucide-react'
import type { Action, ActionTarget } from '../host/action.ts'
import { addToGroup, groupNodes, membersOf, mergeGroups, removeFromGroup, styleGroups, styleOf, topmost, ungroup, whyNoGroup } from '../model/groups.ts'
import { textOf } from '../model/raw.ts'
import { type ActionParts, changing, chosen, chosenGroups, chosenNodes } from './parts.ts'

/** @param chooseColour opens the dialog for these groups */
export function groupActions(parts: ActionParts & { chooseColour: (groups: readonly string[]) => void }): Action[] {
  const { host, text, chooseColour } = parts
  const { workspace } = host
  const { model } = workspace
  const { actions, words, why, said } = text
  const someGroup = (target: ActionTarget | undefined) => (chosenGroups(host, target).length ? undefined : why.noGroup)
  const ids = (target: ActionTarget | undefined) => chosenGroups(host, target).map((group) => group.id)
  const hasGroup = (target: ActionTarget | undefined) => chosenGroups(host, target).length > 0
  const outside = (target: ActionTarget | undefined) => topmost(model, chosen(host, target))
  let style: Record<string, unknown> | undefined

  return [
    ...changing(parts, [
      {
        id: 'arrange.group',
        title: actions.group,
        group: 'arrange',
        icon: Group,
        keys: ['Ctrl+Shift+G'],
        words: words.group,
        on: ['node', 'group'],
        whyNot: (target) => {
          const reason = whyNoGroup(model, chosen(host, target))
          return reason && why[reason]
        },
        run: (target) => {
          const nodes = outside(target)
          const group = groupNodes(model, chosen(host, target))
          if (group === undefined) return
          workspace.select([group])
          host.say(said.grouped(nodes.length))
        },
      },
      {
        id: 'arrange.ungroup',
        title: actions.ungroup,
        group: 'arrange',
        icon: Ungroup,
        keys: ['Ctrl+Shift+U'],
        words: words.group,
        on: ['group'],
        isShown: (target) => !target || hasGroup(target),
        whyNot: someGroup,
        run: (target) => {
          workspace.select(ungroup(model, ids(target)))
          host.say(said.ungrouped)
        },
      },
      {
        id: 'arrange.mergeGroups',
        title: actions.mergeGroups,
        group: 'arrange',
        icon: SquareStack,
        words: words.group,
        on: ['node', 'group'],
        isShown: (target) => !target || (hasGroup(target) && outside(target).length > 1),
        whyNot: (target) => (hasGroup(target) && outside(target).length > 1 ? undefined : why.mergeTwo),
        run: (target) => {
          const nodes = outside(target)
          const groups = nodes.filter((node) => node.type === 'group')
          const [only] = groups
          const group = groups.length === 1 && only ? only.id : mergeGroups(model, chosen(host, target))
          if (group === undefined) return
          addToGroup(
            model,
            group,
            nodes.map((node) => node.id),
          )
          workspace.select([group])
          host.say(said.grouped(nodes.length))
        },
      },
      {
        id: 'arrange.leaveGroup',
        title: actions.leaveGroup,
        group: 'arrange',
        on: ['node', 'group'],
        isShown: (target) => !target || outside(target).some((node) => node.g !== undefined),
        whyNot: (target) => (outside(target).some((node) => node.g !== undefined) ? undefined : why.notInGroup),
        run: (target) => {
          removeFromGroup(model, chosen(host, target))
          host.say(said.ungrouped)
        },
      },
      {
        id: 'arrange.groupColour',
        title: actions.groupColour,
        group: 'arrange',
        icon: Palette,
        words: words.colour,
        on: ['group'],
        isShown: (target) => !target || hasGroup(target),
        whyNot: someGroup,
        run: (target) => chooseColour(ids(target)),
      },
      {
        id: 'arrange.pasteGroupStyle',
        title: actions.pasteStyle,
        group: 'arrange',
        keys: ['Ctrl+Shift+V'],
        words: words.colour,
        whyNot: (target) => someGroup(target) ?? (style ? undefined : why.noStyle),
        run: (target) => style && styleGroups(model, ids(target), style),
      },
    ]),
    {
      id: 'arrange.copyGroupStyle',
      title: actions.copyStyle,
      group: 'arrange',
      keys: ['Ctrl+Shift+C'],
      words: words.colour,
      whyNot: someGroup,
      run: (target) => {
        const [group] = chosenGroups(host, target)
        if (group) style = styleOf(group)
      },
    },
    {
      id: 'select.groupMembers',
      title: actions.selectMembers,
      group: 'select',
      on: ['group'],
      isShown: (target) => !target || hasGroup(target),
      whyNot: someGroup,
      run: (target) => {
        workspace.select(chosenGroups(host, target).flatMap(membersOf))
        host.say(said.selected(workspace.selection.size))
      },
    },
    ...foldActions(parts),
  ]
}

/** How one person looks at it: allowed on a locked flow, too. */
function foldActions({ host, text }: ActionParts): Action[] {
  const { workspace } = host
  const { model, collapsed } = workspace
  const { actions, words, why, said } = text
  const here = () => (workspace.place === undefined ? [] : model.childrenOf(workspace.place).filter((node) => node.type === 'group'))
  /** The selected groups, or those that the selection is in. */
  const groups = (target: ActionTarget | undefined) => {
    const own = chosenGroups(host, target)
    if (own.length > 0) return own
    return [...new Set(chosenNodes(host, target).map((node) => node.g))].map((id) => model.get(String(id))).filter((node) => node !== undefined)
  }
  return [
    {
      id: 'arrange.fold',
      title: actions.fold,
      group: 'arrange',
      icon: FoldVertical,
      keys: ['Alt+G'],
      words: words.fold,
      on: ['group', 'node'],
      isShown: (target) => !target || groups(target).length > 0,
      isOn: () => groups(undefined).some((group) => collapsed.has(group.id)),
      whyNot: (target) => (groups(target).length ? undefined : why.noGroup),
      run: (target) => {
        const all = groups(target)
        const ids = all.map((group) => group.id)
        const isFolding = !ids.every((id) => collapsed.has(id))
        collapsed.set(ids, isFolding)
        workspace.select(ids)
        const name = all.map((group) => textOf(group, 'name') || said.aGroup).join(', ')
        host.say(isFolding ? said.folded(name) : said.opened(name))
      },
    },
    {
      id: 'arrange.foldAll',
      title: actions.foldAll,
      group: 'arrange',
      words: words.fold,
      whyNot: () => (here().length ? undefined : why.noGroupsHere),
      run: () =>
        collapsed.set(
          here().map((group) => group.id),
          true,
        ),
    },
    {
      id: 'arrange.openAll',
      title: actions.openAll,
      group: 'arrange',
      icon: UnfoldVertical,
      words: words.fold,
      whyNot: () => (here().some((group) => collapsed.has(group.id)) ? undefined : why.noFolded),
      run: () =>
        collapsed.set(
          here().map((group) => group.id),
          false,
        ),
    },
  ]
}
