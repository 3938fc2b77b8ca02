/** Going about: search, hits, definitions and usages, back and forward, from flow to flow. */
import { ArrowLeft, ArrowRight, CornerDownRight, EyeOff, Search, TextSearch, Workflow } from 'lucide-react'
import type { Action, ActionTarget } from '../host/action.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { type FlowNode, kindOf, subflowOf } from '../model/raw.ts'
import { flowName, hideTab, shownTabs } from '../tabs/flows.ts'
import { theOne } from './base-actions.ts'
import { hiddenTabs } from './kept.ts'
import type { PlaceHistory } from './place-history.ts'
import { definitionsOf, uses } from './references.ts'
import { nameOf } from './search.ts'
import type { SearchState } from './search-state.ts'
import type { FindText } from './text.ts'

export interface NavigateParts {
  host: DesignerHost
  text: FindText
  search: SearchState
  history: PlaceHistory
  /** Asks which of several definitions is meant. */
  choose: (from: FlowNode) => void
  openSearch: (query?: string) => void
  openFlowList: () => void
}

export function navigateActions(parts: NavigateParts): Action[] {
  return [...searchActions(parts), ...referenceActions(parts), ...placeActions(parts)]
}

function searchActions({ host, text, search, openSearch }: NavigateParts): Action[] {
  const { actions, words, why } = text
  const step = (by: 1 | -1) => {
    const hit = search.step(by)
    if (hit) host.say(text.search.said(hit.name, search.at + 1, search.hits.length))
  }
  const noHits = () => (search.hits.length > 0 ? undefined : why.noHits)
  return [
    {
      id: 'navigate.search',
      title: actions.search,
      group: 'navigate',
      icon: Search,
      keys: ['Ctrl+F'],
      isEverywhere: true,
      isInMenu: true,
      words: words.search,
      run: () => openSearch(),
    },
    { id: 'navigate.nextHit', title: actions.nextHit, group: 'navigate', keys: ['F3'], isEverywhere: true, whyNot: noHits, run: () => step(1) },
    { id: 'navigate.previousHit', title: actions.previousHit, group: 'navigate', keys: ['Shift+F3'], isEverywhere: true, whyNot: noHits, run: () => step(-1) },
  ]
}

function referenceActions({ host, text, choose, openSearch }: NavigateParts): Action[] {
  const { actions, words, why } = text
  const { model } = host.workspace
  const nodeFor = (target: ActionTarget | undefined) => {
    const id = theOne(host, target)
    return id === undefined ? undefined : model.get(id)
  }
  /** What is asked after: an instance stands for its subflow. */
  const usedId = (node: FlowNode) => subflowOf(node) ?? node.id
  return [
    {
      id: 'navigate.definition',
      title: actions.definition,
      group: 'navigate',
      icon: CornerDownRight,
      keys: ['F12'],
      words: words.definition,
      on: ['node'],
      isShown: (target) => {
        const node = nodeFor(target)
        return target === undefined || (node !== undefined && definitionsOf(model, node).length > 0)
      },
      whyNot: (target) => {
        const node = nodeFor(target)
        if (!node) return why.oneOnly
        return definitionsOf(model, node).length > 0 ? undefined : why.noDefinition
      },
      run: (target) => {
        const node = nodeFor(target)
        if (!node) return
        const [one, ...others] = definitionsOf(model, node)
        if (others.length > 0) choose(node)
        else if (one) goTo(host, one.node)
      },
    },
    {
      id: 'navigate.usages',
      title: actions.usages,
      group: 'navigate',
      icon: TextSearch,
      keys: ['Shift+F12'],
      words: words.usages,
      on: ['node'],
      isShown: (target) => {
        const node = nodeFor(target)
        return target === undefined || (node !== undefined && model.export().some((other) => uses(other, usedId(node)) !== undefined))
      },
      whyNot: (target) => (nodeFor(target) ? undefined : why.oneOnly),
      run: (target) => {
        const node = nodeFor(target)
        if (node) openSearch(`uses:${usedId(node)}`)
      },
    },
  ]
}

/** Shows a node, a flow, or shared settings. */
export function goTo(host: DesignerHost, node: FlowNode): void {
  if (kindOf(node) === 'config') host.page?.edit(node.id)
  else {
    host.workspace.reveal(node.id)
    host.focus()
    host.say(nameOf(host.workspace, node))
  }
}

function placeActions({ host, text, history, openFlowList }: NavigateParts): Action[] {
  const { actions, words, why, said } = text
  const { workspace } = host
  const step = (by: 1 | -1) => {
    const tabs = shownTabs(workspace)
    const at = tabs.findIndex(({ id }) => id === workspace.place)
    const next = tabs[(at + by + tabs.length) % tabs.length]
    if (!next) return
    workspace.open(next.id)
    host.say(said.flow(flowName(next)))
  }
  return [
    {
      id: 'navigate.back',
      title: actions.back,
      group: 'navigate',
      icon: ArrowLeft,
      keys: ['Ctrl+Shift+Left'],
      isEverywhere: true,
      whyNot: () => (history.canGoBack ? undefined : why.noBack),
      run: () => history.back(),
    },
    {
      id: 'navigate.forward',
      title: actions.forward,
      group: 'navigate',
      icon: ArrowRight,
      keys: ['Ctrl+Shift+Right'],
      isEverywhere: true,
      whyNot: () => (history.canGoForward ? undefined : why.noForward),
      run: () => history.forward(),
    },
    {
      id: 'navigate.flowList',
      title: actions.flowList,
      group: 'navigate',
      icon: Workflow,
      keys: ['Ctrl+Shift+F'],
      isEverywhere: true,
      words: words.flowList,
      run: openFlowList,
    },
    { id: 'navigate.nextFlow', title: actions.nextFlow, group: 'navigate', keys: ['Ctrl+]', 'Alt+PageDown'], isEverywhere: true, run: () => step(1) },
    { id: 'navigate.previousFlow', title: actions.previousFlow, group: 'navigate', keys: ['Ctrl+[', 'Alt+PageUp'], isEverywhere: true, run: () => step(-1) },
    {
      id: 'navigate.hideFlow',
      title: actions.hideFlow,
      group: 'navigate',
      icon: EyeOff,
      keys: ['Alt+W'],
      words: words.hideFlow,
      whyNot: () => (shownTabs(workspace).length > 1 ? undefined : why.lastShown),
      run: () => {
        if (workspace.place === undefined) return
        const tab = workspace.model.get(workspace.place)
        hideTab(workspace, workspace.place)
        if (tab) host.say(text.flows.isHidden(flowName(tab)))
      },
    },
    {
      id: 'navigate.showHiddenFlow',
      title: actions.showHiddenFlow,
      group: 'navigate',
      keys: ['Alt+Shift+W'],
      whyNot: () => (lastHidden(host) === undefined ? why.noHidden : undefined),
      run: () => {
        const id = lastHidden(host)
        if (id !== undefined) workspace.open(id)
      },
    },
  ]
}

const lastHidden = ({ workspace }: DesignerHost) => hiddenTabs.list().find((id) => workspace.model.get(id))
