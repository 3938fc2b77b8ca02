/**
 * Arranging the panel in place: its tabs and what stands on them, with everything drawn as it is and nothing of it acting. STOP and HOLD
 * are outside of this, where they always are.
 */
import './arrange.css'
import { notifications } from '@mantine/notifications'
import { Plus } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react'
import {
  getLayoutOf,
  type LayoutScope,
  type LayoutTab,
  type LayoutView,
  listPlaceables,
  type PanelLayout,
  type PanelPage,
  type Placeable,
  removePanelLayout,
} from '../../../server/api/panel-layouts.ts'
import { call } from '../../shared/api.ts'
import { KioskDialog } from '../kiosk/kiosk-dialog.tsx'
import { OperatorDialog } from '../operator-dialog.tsx'
import { ArrangeBar, type BarDialog } from './bar.tsx'
import { AddControl, AddTab, Back, ChooseScope, RenameTab, scopeInWords, usePageName } from './dialogs.tsx'
import { keepDraft, keptDraft } from './draft.ts'
import { GridEditor, NudgeKeys, typeOf, useNameOf } from './grid-editor.tsx'
import { addItem, addTab, atPlace, begin, type Nudge, nudgeItem, redo, removeItem, renameTab, type Steps, step, undo } from './model.ts'
import type { Parts } from './parts.tsx'
import { Preview } from './preview.tsx'
import { SaveDialog } from './save-dialog.tsx'
import { TabStrip, TabTools } from './tabs.tsx'
import { useArrangeText } from './words.ts'

const MOST_TABS = 12
type Dialog = BarDialog | 'control' | 'tab' | 'rename'

export interface ArrangerProps {
  /** What is looked at: a machine's id, or the cell. */
  place: string
  /** The layout that is shown there now. */
  shown: LayoutView | undefined
  tabId: string | undefined
  parts: Parts
  /** A page of the panel as it is. */
  renderPage: (page: PanelPage) => ReactNode
  onLeave: (tabId: string | undefined) => void
}

export function Arranger({ place, shown, tabId: firstTab, parts: shownParts, renderPage, onLeave }: ArrangerProps) {
  const text = useArrangeText()
  const pageName = usePageName()
  const [scope, setScope] = useState<LayoutScope>(() => (shown?.scope?.place === place ? shown.scope : { place }))
  const [base, setBase] = useState<{ layout: PanelLayout; revision: number }>()
  const [steps, setSteps] = useState<Steps>()
  const [missing, setMissing] = useState<readonly string[]>([])
  const [placeables, setPlaceables] = useState<Placeable[]>()
  const [tabId, setTabId] = useState(firstTab)
  const [selected, setSelected] = useState<string>()
  const [dialog, setDialog] = useState<Dialog>()
  const [says, setSays] = useState('')
  const [problem, setProblem] = useState<string>()

  useEffect(() => {
    let isOver = false
    Promise.all([call(getLayoutOf, { query: { ...scope, at: place } }), call(listPlaceables)]).then(
      ([view, controls]) => {
        if (isOver) return
        const draft = keptDraft(scope)
        const first = { layout: scope.place === undefined ? view.layout : atPlace(view.layout, place), revision: view.revision }
        setBase(draft?.base ?? first)
        setSteps(draft ? step(begin(draft.base.layout), draft.layout) : begin(first.layout))
        setMissing(view.missing)
        setPlaceables(controls)
      },
      (error: Error) => isOver || setProblem(error.message),
    )
    return () => {
      isOver = true
    }
  }, [scope, place])

  const now = steps?.now
  const isChanged = steps !== undefined && base !== undefined && JSON.stringify(steps.now) !== JSON.stringify(base.layout)
  useEffect(() => {
    if (base && now) keepDraft(isChanged ? { scope, base, layout: now } : undefined)
  }, [base, now, isChanged, scope])
  useEffect(() => {
    if (!isChanged) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isChanged])

  // a control that was added just now is known from the list of what there is
  const known = new Set(placeables?.map(({ nodeId }) => nodeId))
  const parts: Parts = { ...shownParts, placeables, missing: new Set(missing.filter((nodeId) => !known.has(nodeId))) }
  const nameOf = useNameOf(parts)
  const tab = now?.tabs.find(({ id }) => id === tabId) ?? now?.tabs[0]
  const item = tab?.kind === 'grid' ? tab.items.find(({ id }) => id === selected) : undefined
  const tabName = (one: LayoutTab) => one.name ?? (one.kind === 'page' ? pageName(one.page) : one.id)
  const scopeName = scopeInWords(scope, text, parts.nameOf)
  const change = (next: PanelLayout) => setSteps((before) => (before ? step(before, next) : before))
  const done = (told: string) => {
    setDialog(undefined)
    setSays(told)
  }
  const leave = () => {
    keepDraft(undefined)
    onLeave(tab?.id)
  }
  const nudge = (one: NonNullable<typeof item>, by: Nudge) => {
    if (!now || !tab) return
    const next = nudgeItem(now, tab.id, one, by, typeOf(one.shows, parts))
    change(next)
    const put = next.tabs.find(({ id }) => id === tab.id)
    const at = put?.kind === 'grid' ? put.items.find(({ id }) => id === one.id) : undefined
    if (at) setSays(next === now || at === one ? text.grid.noRoom : text.grid.at(nameOf(at.shows), `${at.x + 1}`, `${at.y + 1}`, `${at.w}`, `${at.h}`))
  }
  const remove = (itemId: string) => {
    if (!now || tab?.kind !== 'grid') return
    const gone = tab.items.find(({ id }) => id === itemId)
    change(removeItem(now, tab.id, itemId))
    setSelected(undefined)
    if (gone) setSays(text.grid.removed(nameOf(gone.shows)))
  }
  const keyed = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.target instanceof HTMLInputElement) return
    const key = event.key.toLowerCase()
    if (key === 'z') setSteps((before) => before && (event.shiftKey ? redo(before) : undo(before)))
    else if (key === 'y') setSteps((before) => before && redo(before))
    else return
    event.preventDefault()
  }

  if (problem)
    return (
      <div className="op-arrange">
        <p className="op-problem" role="alert">
          {problem}
        </p>
        <button type="button" className="op-plain" onClick={leave}>
          {text.bar.leave}
        </button>
      </div>
    )
  if (!steps || !base || !now || !placeables) return <div className="op-skeleton" aria-hidden />
  if (dialog === 'preview') return <Preview layout={now} hash={`${place}/${tab?.id ?? ''}`} onClose={() => setDialog(undefined)} />
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: undo by key, wherever the focus is
    <div className="op-arrange" data-testid="arrange" onKeyDown={keyed}>
      <ArrangeBar
        scopeName={scopeName}
        inherits={base.revision > 0 ? undefined : shown?.scope ? text.scope.inherits(scopeInWords(shown.scope, text, parts.nameOf)) : text.scope.builtIn}
        onUndo={steps.past.length ? () => setSteps(undo(steps)) : undefined}
        onRedo={steps.future.length ? () => setSteps(redo(steps)) : undefined}
        isChanged={isChanged}
        onAsk={setDialog}
        onLeave={leave}
      />
      <TabStrip
        layout={now}
        tabId={tab?.id}
        tabName={tabName}
        onChoose={(id) => {
          setTabId(id)
          setSelected(undefined)
        }}
        onChange={change}
        onAdd={now.tabs.length < MOST_TABS ? () => setDialog('tab') : undefined}
      />
      <div className="op-arrange-tools">
        {tab?.kind === 'grid' && (
          <button type="button" className="op-main-action" onClick={() => setDialog('control')} data-testid="add-control">
            <Plus size={22} aria-hidden /> {text.grid.add}
          </button>
        )}
        {item ? (
          <NudgeKeys item={item} onNudge={(by) => nudge(item, by)} onRemove={() => remove(item.id)} />
        ) : (
          tab && <TabTools layout={now} tab={tab} onChange={change} onRename={() => setDialog('rename')} />
        )}
        {!item && <p className="op-arrange-note">{text.nothingPressed}</p>}
      </div>
      <p className="op-arrange-says" role="status" data-testid="arrange-says">
        {says}
      </p>
      <div className="op-content" data-tab={tab?.kind === 'page' ? tab.page : tab?.kind}>
        {tab?.kind === 'grid' && (
          <GridEditor
            tab={tab}
            parts={parts}
            selected={selected}
            onSelect={setSelected}
            onPlace={(items) => change({ tabs: now.tabs.map((one) => (one.id === tab.id && one.kind === 'grid' ? { ...one, items: [...items] } : one)) })}
            onNudge={nudge}
            onRemove={remove}
          />
        )}
        {tab?.kind === 'dashboard' && (
          <p className="op-empty" data-missing={parts.missing.has(tab.pageId) || undefined}>
            {parts.missing.has(tab.pageId) ? text.dashboard.gone : text.tabs.dashboardHere(tab.name)}
          </p>
        )}
        {tab?.kind === 'page' && (
          <>
            <p className="op-why op-arrange-fixed">{text.tabs.fixed}</p>
            <div className="op-arrange-page op-content" data-tab={tab.page} inert>
              {renderPage(tab.page)}
            </div>
          </>
        )}
      </div>
      {dialog === 'control' && tab?.kind === 'grid' && (
        <AddControl
          layout={now}
          place={scope.place ?? place}
          placeables={placeables}
          onAdd={(shows, type) => {
            const next = addItem(now, tab.id, shows, type)
            const isFull = JSON.stringify(next) === JSON.stringify(now)
            change(next)
            done(isFull ? text.grid.full : text.grid.added(nameOf(shows)))
            const put = next.tabs.find(({ id }) => id === tab.id)
            if (!isFull && put?.kind === 'grid') setSelected(put.items.at(-1)?.id)
          }}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === 'tab' && (
        <AddTab
          layout={now}
          place={scope.place ?? place}
          placeables={placeables}
          onAdd={(added) => {
            change(addTab(now, added))
            setTabId(added.id)
            setSelected(undefined)
            done(text.changes['tab-added'](tabName(added)))
          }}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === 'rename' && tab && (
        <RenameTab
          tab={tab}
          onRename={(name) => {
            change(renameTab(now, tab.id, name))
            done(text.changes['tab-renamed'](name.trim() || tabName(tab)))
          }}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === 'scope' && (
        <ChooseScope
          place={place}
          chosen={scope}
          isChanged={isChanged}
          nameOf={parts.nameOf}
          onChoose={(next) => {
            setDialog(undefined)
            setSelected(undefined)
            if (next.place === scope.place && next.role === scope.role) return
            setSteps(undefined)
            setScope(next)
          }}
          onRemove={
            base.revision === 0
              ? undefined
              : async () => {
                  await call(removePanelLayout, { body: { scope, basedOn: base.revision, reason: text.scope.removeOwn } })
                  leave()
                }
          }
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === 'save' && (
        <SaveDialog
          scope={scope}
          scopeName={scopeName}
          base={base}
          mine={now}
          parts={parts}
          onSaved={() => {
            notifications.show({ id: 'panel-saved', title: scopeName, message: text.save.saved, autoClose: 6_000 })
            leave()
          }}
          onTaken={(layout, theirs, isMerged) => {
            setBase({ layout: theirs.layout, revision: theirs.revision })
            change(layout)
            done(isMerged ? text.save.merged : '')
          }}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === 'discard' && <Discard count={steps.past.length} onDiscard={leave} onClose={() => setDialog(undefined)} />}
      {dialog === 'kiosk' && <KioskDialog place={place} nameOf={parts.nameOf} machines={parts.machines} onClose={() => setDialog(undefined)} />}
    </div>
  )
}

function Discard({ count, onDiscard, onClose }: { count: number; onDiscard: () => void; onClose: () => void }) {
  const text = useArrangeText()
  return (
    <OperatorDialog title={text.discardTitle} onClose={onClose}>
      <p>{text.discardText(String(count))}</p>
      <footer>
        <Back onClose={onClose} />
        <button type="button" className="op-dialog-press" onClick={onDiscard} data-testid="discard-yes">
          {text.discard}
        </button>
      </footer>
    </OperatorDialog>
  )
}
