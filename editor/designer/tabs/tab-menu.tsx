/** What can be done with the shown flow, from its tab. */
import { ActionIcon, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Activity, ArrowLeft, ArrowRight, Ellipsis, EyeOff, Folder, Link, Pencil, Power, Settings2, Trash2 } from 'lucide-react'
import { hiddenTabs } from '../find/kept.ts'
import { useFindText } from '../find/text.ts'
import { changeTab, moveTab } from '../model/commands.ts'
import { type FlowNode, kindOf } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { hideTab } from './flows.ts'

export interface TabMenuProps {
  tab: FlowNode
  name: string
  /** The tabs that are shown, in their order. */
  tabs: readonly FlowNode[]
  isOpen: boolean
  onOpen: (isOpen: boolean) => void
  onRename: () => void
  onSettings: () => void
  onFile: () => void
  onRemove: () => void
}

export function TabMenu({ tab, name, tabs, isOpen, onOpen, onRename, onSettings, onFile, onRemove }: TabMenuProps) {
  const text = useDesignerText()
  const find = useFindText().flows
  const workspace = useWorkspace('model')
  const { model } = workspace
  const isDisabled = tab.disabled === true
  const index = tabs.findIndex(({ id }) => id === tab.id)
  const before = tabs[index - 1]?.id
  const after = tabs[index + 1]?.id
  const behind = tabs[index + 2]?.id
  const copyLink = () => {
    const link = `${location.origin}${location.pathname}#flow/${tab.id}`
    void navigator.clipboard?.writeText(link).then(() => notifications.show({ message: find.linkCopied, autoClose: 2_000 }))
  }
  return (
    <Menu opened={isOpen} onChange={onOpen} position="bottom-start" shadow="md" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label={text.tabs.menu(name)} title={text.tabs.menu(name)} data-testid="tab-menu">
          <Ellipsis size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Pencil size={16} aria-hidden />} rightSection={<kbd>F2</kbd>} onClick={onRename}>
          {text.tabs.rename}
        </Menu.Item>
        <Menu.Item leftSection={<Settings2 size={16} aria-hidden />} onClick={onSettings}>
          {text.config.label(name)}
        </Menu.Item>
        {kindOf(tab) !== 'subflow' && (
          <>
            <Menu.Item
              leftSection={<Power size={16} aria-hidden />}
              onClick={() => changeTab(model, tab.id, { disabled: !isDisabled })}
              data-testid="tab-toggle"
            >
              {isDisabled ? text.tabs.enable : text.tabs.disable}
            </Menu.Item>
            <Menu.Item leftSection={<Folder size={16} aria-hidden />} onClick={onFile} data-testid="tab-folder">
              {find.toFolder}
            </Menu.Item>
            <Menu.Item leftSection={<ArrowLeft size={16} aria-hidden />} disabled={!before} onClick={() => before && moveTab(model, tab.id, before)}>
              {text.tabs.moveLeft}
            </Menu.Item>
            <Menu.Item leftSection={<ArrowRight size={16} aria-hidden />} disabled={!after} onClick={() => moveTab(model, tab.id, behind)}>
              {text.tabs.moveRight}
            </Menu.Item>
            <Menu.Item component="a" href={`/runs?flow=${encodeURIComponent(tab.id)}`} leftSection={<Activity size={16} aria-hidden />} data-testid="tab-runs">
              {find.runs}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              leftSection={<EyeOff size={16} aria-hidden />}
              disabled={tabs.length < 2}
              onClick={() => hideTab(workspace, tab.id)}
              data-testid="tab-hide"
            >
              {find.hideTab}
            </Menu.Item>
            <Menu.Item
              leftSection={<EyeOff size={16} aria-hidden />}
              disabled={tabs.length < 2}
              onClick={() => {
                for (const { id } of tabs) if (id !== tab.id) hiddenTabs.add(id)
              }}
            >
              {find.hideOthers}
            </Menu.Item>
            {'clipboard' in navigator && (
              <Menu.Item leftSection={<Link size={16} aria-hidden />} onClick={copyLink}>
                {find.copyLink}
              </Menu.Item>
            )}
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
