/** The flows as tabs: open, add, rename in place, reorder, hide, disable, remove. Subflows that are open stand among them. */
import { ActionIcon, Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ArrowLeft, ArrowRight, CircleAlert, CircleOff, Component, List, Lock, Plus, ShieldCheck, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useDeployText } from '../deploy/text.ts'
import { useProtectedFlows } from '../deploy/use-protected.ts'
import { hiddenTabs } from '../find/kept.ts'
import { useFindText } from '../find/text.ts'
import { useAllActions } from '../host/use-host.ts'
import { tabErrors } from '../live/tab-errors.ts'
import { useLiveText } from '../live/text.ts'
import { addTab, changeTab, freeTabName, moveTab, removeTab } from '../model/commands.ts'
import { type FlowNode, kindOf } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { flowName, folderOf, hideTab, shownTabs } from './flows.ts'
import { MoveToFolder, Rename } from './rename.tsx'
import { TabMenu } from './tab-menu.tsx'
import { useTabDrag } from './use-tab-drag.ts'

/** More are not counted one by one: the tab stays narrow. */
const MOST_ERRORS = 99

export function TabBar({ onOpenSettings }: { onOpenSettings: (id: string) => void }) {
  const text = useDesignerText()
  const find = useFindText()
  const workspace = useWorkspace('model', 'place', 'problems', 'reveal')
  const { model, place } = workspace
  useSyncExternalStore(hiddenTabs.watch, hiddenTabs.list)
  const [renamed, setRenamed] = useState<string>()
  const [filed, setFiled] = useState<string>()
  const [isMenuOpen, setMenuOpen] = useState(false)
  const list = useRef<HTMLDivElement>(null)
  const tabs = shownTabs(workspace)
  const shown = place === undefined ? undefined : model.get(place)
  const all = shown && kindOf(shown) === 'subflow' ? [...tabs, shown] : tabs
  const drag = useTabDrag(list, (id, before) => moveTab(model, id, before))
  const marks = marksOf(workspace)
  const errors = useSyncExternalStore(tabErrors.watch, tabErrors.unseen)
  const live = useLiveText()
  const guarded = useProtectedFlows()
  const guard = useDeployText().progress

  useEffect(() => {
    list.current?.querySelector(`[data-tab="${CSS.escape(place ?? '')}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [place])

  const add = () => workspace.open(addTab(model, freeTabName(model, text.tabs.word)))
  const remove = (tab: FlowNode) => {
    const at = tabs.findIndex((one) => one.id === tab.id)
    const next = tabs[at + 1] ?? tabs[at - 1]
    if (tab.id === place && next) workspace.open(next.id)
    removeTab(model, tab.id)
    const label = model.undoLabel
    notifications.show({
      id: `removed-${tab.id}`,
      title: text.tabs.removed(flowName(tab)),
      message: (
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            // only while it is the last step: later undo is the history's
            if (model.undoLabel === label && !model.get(tab.id)) {
              model.undo()
              workspace.open(tab.id)
            }
            notifications.hide(`removed-${tab.id}`)
          }}
        >
          {text.tabs.undo}
        </Button>
      ),
    })
  }
  const onKeys = (event: React.KeyboardEvent, index: number) => {
    const steps: Record<string, number> = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: all.length - 1 }
    const to = steps[event.key]
    const next = to === undefined ? undefined : all[to]
    if (!next) return
    event.preventDefault()
    workspace.open(next.id)
    list.current?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(next.id)}"] [role=tab]`)?.focus()
  }

  return (
    <div className="tabs">
      <ActionButton id="navigate.back" icon={<ArrowLeft size={16} aria-hidden />} label={find.toolbar.back} />
      <ActionButton id="navigate.forward" icon={<ArrowRight size={16} aria-hidden />} label={find.toolbar.forward} />
      <div className="tabs-list" role="tablist" aria-label={text.tabs.label} ref={list}>
        {all.map((tab, index) => {
          const isSubflow = kindOf(tab) === 'subflow'
          const whole = flowName(tab)
          const { folder, name } = isSubflow ? { folder: '', name: whole } : folderOf(tab)
          const isShown = tab.id === place
          const isDisabled = tab.disabled === true
          const mark = marks.get(tab.id)
          const thrown = isShown ? 0 : (errors.get(tab.id) ?? 0)
          return (
            <div
              key={tab.id}
              className="tab"
              data-tab={tab.id}
              data-shown={isShown || undefined}
              data-disabled={isDisabled || undefined}
              data-before={drag.before === tab.id || undefined}
              role="presentation"
            >
              {renamed === tab.id ? (
                <Rename
                  name={whole}
                  onDone={(next) => {
                    if (next !== undefined && next.trim() !== '' && next !== whole)
                      changeTab(model, tab.id, isSubflow ? { name: next.trim() } : { label: next.trim() })
                    setRenamed(undefined)
                  }}
                />
              ) : (
                <button
                  type="button"
                  role="tab"
                  aria-selected={isShown}
                  tabIndex={isShown ? 0 : -1}
                  className="tab-name"
                  title={whole}
                  onPointerDown={(event) => !isSubflow && drag.begin(event, tab.id)}
                  onClick={() => workspace.open(tab.id)}
                  onDoubleClick={() => setRenamed(tab.id)}
                  onContextMenu={(event) => {
                    event.preventDefault()
                    workspace.open(tab.id)
                    setMenuOpen(true)
                  }}
                  onAuxClick={(event) => event.button === 1 && hideTab(workspace, tab.id)}
                  onKeyDown={(event) => {
                    if (event.key === 'F2') setRenamed(tab.id)
                    onKeys(event, index)
                  }}
                  data-testid={`tab-${tab.id}`}
                >
                  {isSubflow && <Component size={14} aria-hidden />}
                  {isDisabled && <CircleOff size={14} aria-label={text.tabs.disabled} />}
                  {guarded.has(tab.id) && <ShieldCheck size={14} aria-label={guard.protected} data-testid={`tab-protected-${tab.id}`} />}
                  {tab.locked === true && <Lock size={14} aria-label={find.flows.locked} />}
                  {folder && <span className="tab-folder">{folder} /</span>}
                  <span className="tab-text">{name}</span>
                  {mark?.hasProblem && <TriangleAlert size={14} className="tab-problem" aria-label={text.problems.title} />}
                  {thrown > 0 && (
                    <span
                      className="tab-errors cw-numbers"
                      role="img"
                      aria-label={live.tabErrors(thrown)}
                      title={live.tabErrors(thrown)}
                      data-testid={`tab-errors-${tab.id}`}
                    >
                      <CircleAlert size={12} aria-hidden />
                      {thrown > MOST_ERRORS ? `${MOST_ERRORS}+` : thrown}
                    </span>
                  )}
                  {mark?.isChanged && <span className="tab-changed" role="img" aria-label={text.canvas.changed} title={text.canvas.changed} />}
                </button>
              )}
            </div>
          )
        })}
      </div>
      {/* beside the list of tabs, which may hold nothing but tabs: of the flow that is shown */}
      {shown && (
        <TabMenu
          tab={shown}
          name={flowName(shown)}
          tabs={tabs}
          isOpen={isMenuOpen}
          onOpen={setMenuOpen}
          onRename={() => setRenamed(shown.id)}
          onSettings={() => onOpenSettings(shown.id)}
          onFile={() => setFiled(shown.id)}
          onRemove={() => remove(shown)}
        />
      )}
      <ActionIcon variant="subtle" color="gray" size={30} onClick={add} aria-label={text.tabs.add} title={text.tabs.add} data-testid="tab-add">
        <Plus size={16} aria-hidden />
      </ActionIcon>
      <span className="tabs-rest" />
      <ActionButton id="navigate.flowList" icon={<List size={16} aria-hidden />} label={find.flows.open} />
      {filed !== undefined && <MoveToFolder id={filed} onClose={() => setFiled(undefined)} />}
    </div>
  )
}

/** A button that does an action; greyed, and saying why, while it cannot. */
function ActionButton({ id, icon, label }: { id: string; icon: React.ReactNode; label: string }) {
  const action = useAllActions().find((one) => one.id === id)
  if (!action) return null
  const why = action.whyNot?.(undefined)
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={30}
      className="tool"
      aria-label={label}
      title={why ?? label}
      aria-disabled={why !== undefined}
      {...(why !== undefined && { 'data-disabled': true })}
      onClick={() => why === undefined && action.run(undefined)}
      data-testid={id}
    >
      {icon}
    </ActionIcon>
  )
}

/** What is to be seen at a tab of what is on it. */
function marksOf({ model, problems }: ReturnType<typeof useWorkspace>): ReadonlyMap<string, { isChanged: boolean; hasProblem: boolean }> {
  const marks = new Map<string, { isChanged: boolean; hasProblem: boolean }>()
  const mark = (id: string, kind: 'isChanged' | 'hasProblem') => {
    const node = model.get(id) ?? model.deployed().get(id)
    for (const at of [id, String(node?.z ?? '')]) marks.set(at, { isChanged: false, hasProblem: false, ...marks.get(at), [kind]: true })
  }
  for (const id of model.dirty) mark(id, 'isChanged')
  for (const id of problems.keys()) if (id !== '') mark(id, 'hasProblem')
  return marks
}
