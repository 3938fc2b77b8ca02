/** The designer's tools in the page's header. */
import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { Ellipsis, ExternalLink, FileDown, FileUp, Keyboard, PanelLeft, Redo2, Undo2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { may, useMe } from '../shared/me.ts'
import { DeployButton } from './deploy/deploy-button.tsx'
import { RuntimePill } from './deploy/runtime-pill.tsx'
import type { DeployKind } from './deploy/session.ts'
import { useAllPanels } from './host/use-host.ts'
import type { StepLabel } from './model/commands.ts'
import { useDesignerText } from './text.ts'
import { useWorkspace } from './use-workspace.ts'

export interface ToolbarProps {
  panel: string | undefined
  onPanel: (name: string) => void
  kind: DeployKind
  onKind: (kind: DeployKind) => void
  isPaletteOpen: boolean
  onPalette: () => void
  onDialog: (dialog: 'import' | 'export' | 'export-selection' | 'shortcuts') => void
}

export function Toolbar({ panel, onPanel, kind, onKind, isPaletteOpen, onPalette, onDialog }: ToolbarProps) {
  const text = useDesignerText()
  const { model, selection } = useWorkspace('model', 'problems', 'selection')
  const panels = [...useAllPanels()].sort((a, b) => a.order - b.order)
  const { me } = useMe()
  const words = (label: string | undefined) => text.steps[label as StepLabel] ?? label ?? ''
  return (
    <div className="toolbar" role="toolbar" aria-label={text.toolbar.label}>
      <Tool label={text.toolbar.palette} isOn={isPaletteOpen} onClick={onPalette} id="palette-toggle">
        <PanelLeft size={18} aria-hidden />
      </Tool>
      <span className="toolbar-gap" />
      <Tool
        label={model.undoLabel ? text.toolbar.undoStep(words(model.undoLabel)) : text.toolbar.undo}
        isOff={!model.undoLabel}
        onClick={() => model.undo()}
        id="undo"
      >
        <Undo2 size={18} aria-hidden />
      </Tool>
      <Tool
        label={model.redoLabel ? text.toolbar.redoStep(words(model.redoLabel)) : text.toolbar.redo}
        isOff={!model.redoLabel}
        onClick={() => model.redo()}
        id="redo"
      >
        <Redo2 size={18} aria-hidden />
      </Tool>
      <span className="toolbar-gap" />
      {panels.map(({ id, title, icon: Icon, count }) => {
        const number = count?.() ?? 0
        return (
          <Tool key={id} label={number > 0 ? `${title}: ${number}` : title} isOn={panel === id} onClick={() => onPanel(id)} id={id}>
            <Icon size={18} aria-hidden />
            {number > 0 && <span className="tool-count">{number > 99 ? '99+' : number}</span>}
          </Tool>
        )
      })}
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={32} aria-label={text.toolbar.more} data-testid="more">
            <Ellipsis size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<FileDown size={16} aria-hidden />} onClick={() => onDialog('import')} data-testid="import">
            {text.toolbar.importFlow}
          </Menu.Item>
          <Menu.Item
            leftSection={<FileUp size={16} aria-hidden />}
            onClick={() => onDialog(selection.size ? 'export-selection' : 'export')}
            data-testid="export"
          >
            {selection.size ? text.toolbar.exportSelection : text.toolbar.exportFlow}
          </Menu.Item>
          <Menu.Divider />
          {may(me, 'flows.code') && (
            <Menu.Item leftSection={<ExternalLink size={16} aria-hidden />} component="a" href="/red/" target="_blank" rel="noopener">
              {text.toolbar.stockEditor}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<Keyboard size={16} aria-hidden />} onClick={() => onDialog('shortcuts')}>
            {text.toolbar.shortcuts}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <span className="toolbar-gap" />
      <RuntimePill />
      <DeployButton kind={kind} onKind={onKind} />
    </div>
  )
}

function Tool({
  label,
  isOn,
  isOff,
  onClick,
  id,
  children,
}: {
  label: string
  isOn?: boolean
  isOff?: boolean
  onClick: () => void
  id: string
  children: ReactNode
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        className="tool"
        variant="subtle"
        color="gray"
        size={32}
        aria-label={label}
        aria-pressed={isOn}
        aria-disabled={isOff}
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
