/** The designer's tools in the page's header. */
import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { Ellipsis, PanelLeft, Redo2, Search, Undo2 } from 'lucide-react'
import { Fragment, type ReactNode } from 'react'
import { DeployButton } from './deploy/deploy-button.tsx'
import type { DeployKind } from './deploy/deploy-state.ts'
import { RuntimePill } from './deploy/runtime-pill.tsx'
import { menuGroups } from './find/commands.ts'
import { ariaKeys, keyText } from './find/key-words.ts'
import { useFindText } from './find/text.ts'
import { useAllActions, useAllPanels } from './host/use-host.ts'
import type { StepLabel } from './model/commands.ts'
import { useDesignerText } from './text.ts'
import { useWorkspace } from './use-workspace.ts'

export interface ToolbarProps {
  kind: DeployKind
  onKind: (kind: DeployKind) => void
  isPaletteOpen: boolean
  onPalette: () => void
}

export function Toolbar({ kind, onKind, isPaletteOpen, onPalette }: ToolbarProps) {
  const text = useDesignerText()
  const find = useFindText()
  const { model } = useWorkspace('model', 'problems', 'selection')
  const panels = [...useAllPanels()].sort((a, b) => a.order - b.order)
  const actions = useAllActions()
  const action = (id: string) => actions.find((one) => one.id === id)
  const words = (label: string | undefined) => text.steps[label as StepLabel] ?? label ?? ''
  const keys = (id: string) => action(id)?.keys
  return (
    <div className="toolbar" role="toolbar" aria-label={text.toolbar.label}>
      <Tool label={text.toolbar.palette} isOn={isPaletteOpen} onClick={onPalette} id="palette-toggle" keys={keys('view.palette')}>
        <PanelLeft size={18} aria-hidden />
      </Tool>
      <button
        type="button"
        className="toolbar-find"
        aria-label={find.toolbar.find}
        aria-keyshortcuts={ariaKeys(keys('find.anything'))}
        onClick={() => action('find.anything')?.run(undefined)}
        data-testid="find"
      >
        <Search size={16} aria-hidden />
        <span>{find.palette.title}</span>
        <kbd>{keyText('Ctrl+K', find.keys)}</kbd>
      </button>
      <span className="toolbar-gap" />
      <Tool
        label={model.undoLabel ? text.toolbar.undoStep(words(model.undoLabel)) : text.toolbar.undo}
        isOff={!model.undoLabel}
        onClick={() => model.undo()}
        id="undo"
        keys={keys('edit.undo')}
      >
        <Undo2 size={18} aria-hidden />
      </Tool>
      <Tool
        label={model.redoLabel ? text.toolbar.redoStep(words(model.redoLabel)) : text.toolbar.redo}
        isOff={!model.redoLabel}
        onClick={() => model.redo()}
        id="redo"
        keys={keys('edit.redo')}
      >
        <Redo2 size={18} aria-hidden />
      </Tool>
      <MoreMenu panels={panels.map(({ id }) => id)} />
      <span className="toolbar-gap" />
      <RuntimePill />
      <DeployButton kind={kind} onKind={onKind} />
    </div>
  )
}

/** The side panels' buttons, along the edge at which the panels open. */
export function PanelRail({ panel, onPanel }: { panel: string | undefined; onPanel: (name: string) => void }) {
  const text = useDesignerText()
  useWorkspace('model', 'problems')
  const panels = [...useAllPanels()].sort((a, b) => a.order - b.order)
  const actions = useAllActions()
  return (
    <div className="panel-rail" role="toolbar" aria-orientation="vertical" aria-label={text.toolbar.panels}>
      {panels.map(({ id, title, icon: Icon, count }) => {
        const number = count?.() ?? 0
        const opens = id === 'search' ? 'navigate.search' : `view.panel.${id}`
        return (
          <Tool
            key={id}
            label={number > 0 ? `${title}: ${number}` : title}
            isOn={panel === id}
            onClick={() => onPanel(id)}
            id={id}
            keys={actions.find((action) => action.id === opens)?.keys}
            side="left"
          >
            <Icon size={18} aria-hidden />
            {number > 0 && <span className="tool-count">{number > 99 ? '99+' : number}</span>}
          </Tool>
        )
      })}
    </div>
  )
}

/** Everything that says it stands in the menu; on narrow pages the panels, too, that have no button there. */
function MoreMenu({ panels }: { panels: readonly string[] }) {
  const text = useDesignerText()
  const find = useFindText()
  const actions = useAllActions()
  const groups = menuGroups(actions)
  return (
    <Menu position="bottom-end" shadow="md" width={280} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={text.toolbar.more} data-testid="more">
          <Ellipsis size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown className="action-menu">
        <div className="menu-panels">
          {panels.map((id) => {
            const action = actions.find((one) => one.id === `view.panel.${id}`)
            const Icon = action?.icon
            return (
              action && (
                <Menu.Item key={id} leftSection={Icon && <Icon size={16} aria-hidden />} onClick={() => action.run(undefined)}>
                  {action.title}
                </Menu.Item>
              )
            )
          })}
          <Menu.Divider />
        </div>
        {groups.map((group, index) => (
          <Fragment key={group[0]?.group}>
            {index > 0 && <Menu.Divider />}
            {group.map((action) => {
              const Icon = action.icon
              const why = action.whyNot?.(undefined)
              const isOn = action.isOn?.()
              const first = action.keys?.[0]
              return (
                <Menu.Item
                  key={action.id}
                  leftSection={Icon ? <Icon size={16} aria-hidden /> : <span className="menu-no-icon" />}
                  rightSection={first && <kbd>{keyText(first, find.keys)}</kbd>}
                  disabled={why !== undefined}
                  title={why}
                  onClick={() => action.run(undefined)}
                  data-testid={`menu-${action.id}`}
                >
                  {action.title}
                  {isOn !== undefined && <span className="menu-state">{isOn ? find.palette.on : find.palette.off}</span>}
                </Menu.Item>
              )
            })}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

interface ToolProps {
  label: string
  isOn?: boolean
  isOff?: boolean
  onClick: () => void
  id: string
  keys?: readonly string[] | undefined
  /** Where the tooltip stands. */
  side?: 'left' | 'bottom'
  children: ReactNode
}

function Tool({ label, isOn, isOff, onClick, id, keys, side = 'bottom', children }: ToolProps) {
  const find = useFindText()
  const first = keys?.[0]
  return (
    <Tooltip label={first ? `${label} (${keyText(first, find.keys)})` : label} position={side}>
      <ActionIcon
        className="tool"
        variant="subtle"
        color="gray"
        size={32}
        aria-label={label}
        aria-pressed={isOn}
        aria-disabled={isOff}
        aria-keyshortcuts={ariaKeys(keys)}
        {...(isOff && { 'data-disabled': true })}
        data-on={isOn || undefined}
        onClick={(event) => {
          if (isOff) event.preventDefault()
          else onClick()
        }}
        data-testid={id}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  )
}
