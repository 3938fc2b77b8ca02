/** The flows as tabs: open, add, rename in place, disable, remove, reorder. Subflows that are open stand among them. */
import { ActionIcon, Button, Menu, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ArrowLeft, ArrowRight, CircleOff, Component, Ellipsis, Pencil, Plus, Power, Settings2, Trash2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { addTab, changeTab, freeTabName, moveTab, removeTab } from './model/commands.ts'
import { type FlowNode, kindOf, textOf } from './model/raw.ts'
import { useDesignerText } from './text.ts'
import { useWorkspace } from './use-workspace.ts'

export function TabBar({ onOpenSettings }: { onOpenSettings: (id: string) => void }) {
  const text = useDesignerText()
  const workspace = useWorkspace('model', 'place', 'problems')
  const { model, place } = workspace
  const [renamed, setRenamed] = useState<string>()
  const list = useRef<HTMLDivElement>(null)
  const tabs = model.tabs()
  const shown = place === undefined ? undefined : model.get(place)
  const all = shown && kindOf(shown) === 'subflow' ? [...tabs, shown] : tabs

  useEffect(() => {
    list.current?.querySelector(`[data-tab="${CSS.escape(place ?? '')}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [place])

  const add = () => {
    const id = addTab(model, freeTabName(model, text.tabs.word))
    workspace.open(id)
  }
  const remove = (tab: FlowNode) => {
    const at = tabs.findIndex((one) => one.id === tab.id)
    const next = tabs[at + 1] ?? tabs[at - 1]
    if (tab.id === place && next) workspace.open(next.id)
    const name = textOf(tab, 'label')
    removeTab(model, tab.id)
    const label = model.undoLabel
    notifications.show({
      id: `removed-${tab.id}`,
      title: text.tabs.removed(name),
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
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const next = all[index + step]
    if (step === 0 || !next) return
    event.preventDefault()
    workspace.open(next.id)
    list.current?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(next.id)}"] [role=tab]`)?.focus()
  }

  return (
    <div className="tabs">
      <div className="tabs-list" role="tablist" aria-label={text.tabs.label} ref={list}>
        {all.map((tab, index) => {
          const isSubflow = kindOf(tab) === 'subflow'
          const name = (isSubflow ? textOf(tab, 'name') : textOf(tab, 'label')) || tab.id
          const isShown = tab.id === place
          const isDisabled = tab.disabled === true
          return (
            <div key={tab.id} className="tab" data-tab={tab.id} data-shown={isShown || undefined} data-disabled={isDisabled || undefined} role="presentation">
              {renamed === tab.id ? (
                <Rename
                  name={name}
                  onDone={(next) => {
                    if (next !== undefined && next.trim() !== '' && next !== name)
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
                  onClick={() => workspace.open(tab.id)}
                  onDoubleClick={() => setRenamed(tab.id)}
                  onKeyDown={(event) => {
                    if (event.key === 'F2') setRenamed(tab.id)
                    onKeys(event, index)
                  }}
                  data-testid={`tab-${tab.id}`}
                >
                  {isSubflow && <Component size={14} aria-hidden />}
                  {isDisabled && <CircleOff size={14} aria-label={text.tabs.disabled} />}
                  {name}
                  {isChanged(tab.id, model) && <span className="tab-changed" title={text.canvas.changed} />}
                </button>
              )}
              {isShown && renamed !== tab.id && (
                <TabMenu
                  tab={tab}
                  name={name}
                  isSubflow={isSubflow}
                  onRename={() => setRenamed(tab.id)}
                  onSettings={() => onOpenSettings(tab.id)}
                  onRemove={() => remove(tab)}
                  before={tabs[index - 1]?.id}
                  after={tabs[index + 1]?.id}
                  behind={tabs[index + 2]?.id}
                />
              )}
            </div>
          )
        })}
      </div>
      <ActionIcon variant="subtle" color="gray" size={30} onClick={add} aria-label={text.tabs.add} title={text.tabs.add} data-testid="tab-add">
        <Plus size={16} aria-hidden />
      </ActionIcon>
    </div>
  )
}

function isChanged(tab: string, model: ReturnType<typeof useWorkspace>['model']): boolean {
  if (model.dirty.has(tab)) return true
  for (const id of model.dirty) if ((model.get(id) ?? model.deployed().get(id))?.z === tab) return true
  return false
}

function Rename({ name, onDone }: { name: string; onDone: (name: string | undefined) => void }) {
  const text = useDesignerText()
  const [value, setValue] = useState(name)
  return (
    <TextInput
      size="xs"
      className="tab-rename"
      aria-label={text.tabs.name}
      value={value}
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setValue(event.currentTarget.value)}
      onBlur={() => onDone(value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onDone(value)
        if (event.key === 'Escape') onDone(undefined)
      }}
      data-testid="tab-rename"
    />
  )
}

function TabMenu({
  tab,
  name,
  isSubflow,
  onRename,
  onSettings,
  onRemove,
  before,
  after,
  behind,
}: {
  tab: FlowNode
  name: string
  isSubflow: boolean
  onRename: () => void
  onSettings: () => void
  onRemove: () => void
  before: string | undefined
  after: string | undefined
  behind: string | undefined
}) {
  const text = useDesignerText()
  const { model } = useWorkspace('model')
  const isDisabled = tab.disabled === true
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={22} aria-label={text.tabs.menu(name)} data-testid="tab-menu">
          <Ellipsis size={14} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Pencil size={16} aria-hidden />} onClick={onRename}>
          {text.tabs.rename}
        </Menu.Item>
        <Menu.Item leftSection={<Settings2 size={16} aria-hidden />} onClick={onSettings}>
          {text.config.label(name)}
        </Menu.Item>
        {!isSubflow && (
          <>
            <Menu.Item
              leftSection={<Power size={16} aria-hidden />}
              onClick={() => changeTab(model, tab.id, { disabled: !isDisabled })}
              data-testid="tab-toggle"
            >
              {isDisabled ? text.tabs.enable : text.tabs.disable}
            </Menu.Item>
            <Menu.Item leftSection={<ArrowLeft size={16} aria-hidden />} disabled={!before} onClick={() => before && moveTab(model, tab.id, before)}>
              {text.tabs.moveLeft}
            </Menu.Item>
            <Menu.Item leftSection={<ArrowRight size={16} aria-hidden />} disabled={!after} onClick={() => moveTab(model, tab.id, behind)}>
              {text.tabs.moveRight}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item leftSection={<Trash2 size={16} aria-hidden />} onClick={onRemove} data-testid="tab-remove">
              {text.tabs.remove}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
