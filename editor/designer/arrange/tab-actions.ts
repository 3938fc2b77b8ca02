/** The shown flow as a whole: locked, disabled, duplicated. */
import { CopyPlus, Lock, Power } from 'lucide-react'
import type { Action } from '../host/action.ts'
import { copyText, paste, readFlows } from '../model/clipboard.ts'
import { changeTab } from '../model/commands.ts'
import { textOf } from '../model/raw.ts'
import type { ActionParts } from './parts.ts'

export function tabActions({ host, text }: ActionParts): Action[] {
  const { workspace } = host
  const { model } = workspace
  const { actions, words, said } = text
  const here = () => (workspace.place === undefined ? undefined : model.get(workspace.place))
  const isTab = () => here()?.type === 'tab'
  return [
    {
      id: 'arrange.lockTab',
      title: actions.lockTab,
      group: 'edit',
      icon: Lock,
      words: words.lock,
      on: ['nothing'],
      isShown: () => here() !== undefined,
      isOn: () => here()?.locked === true,
      run: () => {
        const tab = here()
        if (!tab) return
        const isLocked = tab.locked === true
        changeTab(model, tab.id, { locked: isLocked ? undefined : true })
        host.say(isLocked ? said.unlocked : said.locked)
      },
    },
    {
      id: 'arrange.disableTab',
      title: actions.disableTab,
      group: 'edit',
      icon: Power,
      words: words.disable,
      isShown: isTab,
      isOn: () => here()?.disabled === true,
      whyNot: () => (here()?.locked === true ? text.why.locked : undefined),
      run: () => {
        const tab = here()
        if (!tab) return
        const isDisabled = tab.disabled === true
        changeTab(model, tab.id, { disabled: !isDisabled })
        host.say(isDisabled ? said.enabled : said.disabled)
      },
    },
    {
      id: 'arrange.duplicateTab',
      title: actions.duplicateTab,
      group: 'insert',
      icon: CopyPlus,
      words: words.duplicate,
      isShown: isTab,
      run: () => {
        const tab = here()
        if (!tab) return
        const read = readFlows(copyText(model, new Set([tab.id, ...model.childrenOf(tab.id).map((node) => node.id)])))
        if ('error' in read) return
        const before = new Set(model.tabs().map(({ id }) => id))
        // a copy is there to be changed
        const nodes = read.nodes.map((node) => (node.id === tab.id ? { ...node, label: text.copyOf(textOf(tab, 'label')), locked: false } : node))
        paste(model, nodes, { parent: tab.id, at: { x: 0, y: 0 }, label: 'import' })
        const copy = model.tabs().find(({ id }) => !before.has(id))
        if (copy) workspace.open(copy.id)
      },
    },
  ]
}
