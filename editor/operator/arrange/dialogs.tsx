/** What arranging asks: which control, which tab, what name, for whom. */
import { ArrowLeft, LayoutDashboard, LayoutGrid, Plus, Search, Trash2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { ROLE_NAMES } from '../../../server/api/access.ts'
import {
  CELL,
  fitsPlace,
  type LayoutEntry,
  type LayoutScope,
  type LayoutTab,
  listPanelLayouts,
  PANEL_BLOCKS,
  PANEL_PAGES,
  type PanelLayout,
  type Placeable,
  type PlaceableType,
  type Shown,
} from '../../../server/api/panel-layouts.ts'
import { call } from '../../shared/api.ts'
import { OperatorDialog } from '../operator-dialog.tsx'
import { useOperatorText, usePanelText } from '../use-operator-text.ts'
import { isPlaced, newId } from './model.ts'
import { type ArrangeText, useArrangeText } from './words.ts'

export function Back({ onClose }: { onClose: () => void }) {
  const { back } = useOperatorText()
  return (
    <button type="button" className="op-dialog-back" onClick={onClose}>
      <ArrowLeft size={22} aria-hidden /> {back}
    </button>
  )
}

/** What a page is called when nobody has given it another name. */
export function usePageName(): (page: (typeof PANEL_PAGES)[number]) => string {
  const panel = usePanelText()
  return (page) => (page === 'cell' ? panel.cell : panel.tabs[page])
}

export function scopeInWords({ place, role }: LayoutScope, text: ArrangeText, nameOf: (machineId: string) => string): string {
  const what = place === undefined ? text.scope.shop : place === CELL ? text.scope.cell : nameOf(place)
  return role ? text.scope.forRole(what, text.scope.roles[role]) : what
}

interface AddControlProps {
  layout: PanelLayout
  place: string | undefined
  placeables: readonly Placeable[]
  onAdd: (shows: Shown, type?: PlaceableType) => void
  onClose: () => void
}

/** Everything that is not on the panel yet. */
export function AddControl({ layout, place, placeables, onAdd, onClose }: AddControlProps) {
  const text = useArrangeText()
  const [sought, setSought] = useState('')
  const isSought = (label: string) => label.toLocaleLowerCase().includes(sought.trim().toLocaleLowerCase())
  const blocks = PANEL_BLOCKS.filter((block) => fitsPlace(place, { shows: { kind: 'block', block } }) && !isPlaced(layout, { kind: 'block', block }))
  const controls = placeables.filter(({ nodeId, type }) => type !== 'ui-page' && !isPlaced(layout, { kind: 'node', nodeId }))
  return (
    <OperatorDialog title={text.grid.addTitle} isWide onClose={onClose}>
      <label className="op-ask-comment op-arrange-search">
        <span>
          <Search size={18} aria-hidden /> {text.grid.addSearch}
        </span>
        <input value={sought} onChange={(event) => setSought(event.currentTarget.value)} data-testid="add-search" />
      </label>
      <h3>{text.grid.controls}</h3>
      {controls.length === 0 && <p>{text.grid.noControls}</p>}
      <ul className="op-arrange-list">
        {controls
          .filter(({ label }) => isSought(label))
          .map(({ nodeId, type, label, flowName }) => (
            <li key={nodeId}>
              <button
                type="button"
                className="op-plain"
                onClick={() => type !== 'ui-page' && onAdd({ kind: 'node', nodeId }, type)}
                data-testid={`add-node-${nodeId}`}
              >
                <Plus size={22} aria-hidden />
                <span>
                  <strong>{label}</strong>
                  <small>
                    {text.types[type]}
                    {flowName ? ` · ${flowName}` : ''}
                  </small>
                </span>
              </button>
            </li>
          ))}
      </ul>
      <h3>{text.grid.blocks}</h3>
      {blocks.length === 0 && <p>{text.grid.allPlaced}</p>}
      <ul className="op-arrange-list">
        {blocks
          .filter((block) => isSought(text.blocks[block]))
          .map((block) => (
            <li key={block}>
              <button type="button" className="op-plain" onClick={() => onAdd({ kind: 'block', block })} data-testid={`add-block-${block}`}>
                <Plus size={22} aria-hidden /> <strong>{text.blocks[block]}</strong>
              </button>
            </li>
          ))}
      </ul>
      <footer>
        <Back onClose={onClose} />
      </footer>
    </OperatorDialog>
  )
}

interface AddTabProps {
  layout: PanelLayout
  place: string | undefined
  placeables: readonly Placeable[]
  onAdd: (tab: LayoutTab) => void
  onClose: () => void
}

export function AddTab({ layout, place, placeables, onAdd, onClose }: AddTabProps) {
  const text = useArrangeText().tabs
  const pageName = usePageName()
  const [name, setName] = useState('')
  const ids = layout.tabs.map(({ id }) => id)
  const pages = PANEL_PAGES.filter((page) => fitsPlace(place, { page }) && !layout.tabs.some((tab) => tab.kind === 'page' && tab.page === page))
  const dashboards = placeables.filter(
    ({ nodeId, type }) => type === 'ui-page' && !layout.tabs.some((tab) => tab.kind === 'dashboard' && tab.pageId === nodeId),
  )
  const short = (label: string) => label.slice(0, 24).trim()
  const own = () => name.trim() && onAdd({ kind: 'grid', id: newId(name, ids), name: name.trim(), items: [] })
  return (
    <OperatorDialog title={text.addTitle} isWide onClose={onClose}>
      <h3>{text.own}</h3>
      <form
        className="op-arrange-name"
        onSubmit={(event) => {
          event.preventDefault()
          own()
        }}
      >
        <label className="op-ask-comment">
          {text.ownName}
          <input value={name} maxLength={24} onChange={(event) => setName(event.currentTarget.value)} data-testid="tab-name" />
        </label>
        <button type="submit" className="op-main-action" disabled={!name.trim()} data-testid="add-own-tab">
          <Plus size={22} aria-hidden /> {text.add}
        </button>
      </form>
      <h3>{text.dashboards}</h3>
      {dashboards.length === 0 && <p>{text.noDashboards}</p>}
      <ul className="op-arrange-list">
        {dashboards.map(({ nodeId, label }) => (
          <li key={nodeId}>
            <button
              type="button"
              className="op-plain"
              onClick={() => onAdd({ kind: 'dashboard', id: newId(`d-${label}`, ids), name: short(label), pageId: nodeId })}
              data-testid={`add-page-${nodeId}`}
            >
              <LayoutDashboard size={22} aria-hidden /> <strong>{label}</strong>
            </button>
          </li>
        ))}
      </ul>
      <h3>{text.missingPages}</h3>
      {pages.length === 0 && <p>{text.noMorePages}</p>}
      <ul className="op-arrange-list">
        {pages.map((page) => (
          <li key={page}>
            <button type="button" className="op-plain" onClick={() => onAdd({ kind: 'page', id: newId(page, ids), page })} data-testid={`add-tab-${page}`}>
              <LayoutGrid size={22} aria-hidden /> <strong>{pageName(page)}</strong>
            </button>
          </li>
        ))}
      </ul>
      <footer>
        <Back onClose={onClose} />
      </footer>
    </OperatorDialog>
  )
}

export function RenameTab({ tab, onRename, onClose }: { tab: LayoutTab; onRename: (name: string) => void; onClose: () => void }) {
  const text = useArrangeText()
  const pageName = usePageName()
  const [name, setName] = useState(tab.name ?? '')
  return (
    <OperatorDialog title={text.tabs.rename} onClose={onClose}>
      <form
        className="op-arrange-name"
        onSubmit={(event) => {
          event.preventDefault()
          onRename(name)
        }}
      >
        <label className="op-ask-comment">
          {text.tabs.name}
          <input
            value={name}
            maxLength={24}
            placeholder={tab.kind === 'page' ? pageName(tab.page) : undefined}
            onChange={(event) => setName(event.currentTarget.value)}
            data-testid="new-tab-name"
          />
        </label>
        <button type="submit" className="op-main-action" disabled={tab.kind !== 'page' && !name.trim()} data-testid="rename-tab-ok">
          {text.tabs.rename}
        </button>
      </form>
      <footer>
        <Back onClose={onClose} />
      </footer>
    </OperatorDialog>
  )
}

interface ChooseScopeProps {
  place: string
  chosen: LayoutScope
  isChanged: boolean
  nameOf: (machineId: string) => string
  onChoose: (scope: LayoutScope) => void
  /** Takes the chosen layout away; absent where there is none. */
  onRemove: (() => Promise<void>) | undefined
  onClose: () => void
}

/** Whose layout is changed: the ones that count at this place, nearest first. */
export function ChooseScope({ place, chosen, isChanged, nameOf, onChoose, onRemove, onClose }: ChooseScopeProps) {
  const text = useArrangeText()
  const [entries, setEntries] = useState<LayoutEntry[]>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    call(listPanelLayouts).then(setEntries, (error: Error) => setProblem(error.message))
  }, [])
  const same = (a: LayoutScope, b: LayoutScope) => a.place === b.place && a.role === b.role
  const scopes: LayoutScope[] = [
    { place },
    ...ROLE_NAMES.map((role) => ({ place, role })),
    ...(place === CELL ? [] : [{}, ...ROLE_NAMES.map((role) => ({ role }))]),
  ]
  return (
    <OperatorDialog title={text.scope.label} isWide onClose={onClose}>
      <p>{text.scope.changeText}</p>
      {isChanged && (
        <p className="op-check" data-warning>
          {text.scope.leaveFirst}
        </p>
      )}
      {problem && (
        <p className="op-problem" role="alert">
          {problem}
        </p>
      )}
      <ul className="op-arrange-list">
        {scopes.map((scope) => {
          const isOwn = entries?.some((entry) => same(entry.scope, scope))
          return (
            <li key={`${scope.place}/${scope.role}`}>
              <button
                type="button"
                className="op-plain"
                aria-pressed={same(scope, chosen)}
                disabled={isChanged && !same(scope, chosen)}
                onClick={() => onChoose(scope)}
                data-testid={`scope-${scope.place ?? 'shop'}-${scope.role ?? 'all'}`}
              >
                <span>
                  <strong>{scopeInWords(scope, text, nameOf)}</strong>
                  {isOwn && <small>{text.scope.own}</small>}
                </span>
              </button>
            </li>
          )
        })}
      </ul>
      {onRemove && !isChanged && <p>{text.scope.removeText}</p>}
      <footer>
        <Back onClose={onClose} />
        {onRemove && !isChanged && (
          <button
            type="button"
            className="op-dialog-back"
            onClick={() => onRemove().catch((error: Error) => setProblem(error.message))}
            data-testid="remove-layout"
          >
            <Trash2 size={22} aria-hidden /> {text.scope.removeOwn}
          </button>
        )}
      </footer>
    </OperatorDialog>
  )
}
