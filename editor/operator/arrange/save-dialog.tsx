/** Saving a layout with a reason, and what to do when somebody else has saved it meanwhile. */
import { GitMerge, Save } from 'lucide-react'
import { useState } from 'react'
import { compareLayouts, type LayoutChange, type LayoutClash, type LayoutScope, type PanelLayout, savePanelLayout } from '../../../server/api/panel-layouts.ts'
import { ApiError, call } from '../../shared/api.ts'
import { OperatorDialog } from '../operator-dialog.tsx'
import { Back, usePageName } from './dialogs.tsx'
import { useNameOf } from './grid-editor.tsx'
import { mergeLayouts } from './model.ts'
import type { Parts } from './parts.tsx'
import { useArrangeText } from './words.ts'

export interface SaveDialogProps {
  scope: LayoutScope
  scopeName: string
  base: { layout: PanelLayout; revision: number }
  mine: PanelLayout
  parts: Parts
  onSaved: (revision: number) => void
  /** What is arranged now stands on what somebody else has saved. */
  onTaken: (layout: PanelLayout, theirs: { layout: PanelLayout; revision: number }, isMerged: boolean) => void
  onClose: () => void
}

export function SaveDialog({ scope, scopeName, base, mine, parts, onSaved, onTaken, onClose }: SaveDialogProps) {
  const text = useArrangeText()
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string>()
  const [isSaving, setSaving] = useState(false)
  const [clash, setClash] = useState<LayoutClash>()
  const save = async (basedOn: number) => {
    if (!reason.trim()) return setProblem(text.save.noReason)
    setSaving(true)
    setProblem(undefined)
    try {
      const { revision } = await call(savePanelLayout, { body: { scope, layout: mine, basedOn, reason: reason.trim() } })
      onSaved(revision)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'layout-changed') setClash(error.details as LayoutClash)
      else setProblem(error instanceof Error ? error.message : String(error))
    } finally {
      setSaving(false)
    }
  }
  if (clash)
    return (
      <OperatorDialog title={clash.revision ? text.save.clashTitle(clash.by) : text.save.clashRemoved} isWide onClose={onClose}>
        {clash.reason && <p>{text.save.clashWhy(clash.reason)}</p>}
        <div className="op-clash" data-testid="clash">
          <section>
            <h3>{text.save.theirs}</h3>
            <Changes changes={compareLayouts(base.layout, clash.layout)} parts={parts} />
          </section>
          <section>
            <h3>{text.save.mine}</h3>
            <Changes changes={compareLayouts(base.layout, mine)} parts={parts} />
          </section>
        </div>
        {problem && (
          <p className="op-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="op-clash-ways">
          <button
            type="button"
            className="op-main-action"
            onClick={() => onTaken(mergeLayouts(base.layout, mine, clash.layout), clash, true)}
            data-testid="clash-merge"
          >
            <GitMerge size={22} aria-hidden /> {text.save.merge}
          </button>
          <p>{text.save.mergeMeans}</p>
          <button type="button" className="op-plain" onClick={() => onTaken(clash.layout, clash, false)} data-testid="clash-theirs">
            {text.save.takeTheirs}
          </button>
          <p>{text.save.takeTheirsMeans}</p>
          <button type="button" className="op-plain" disabled={isSaving} onClick={() => void save(clash.revision)} data-testid="clash-mine">
            {text.save.keepMine}
          </button>
          <p>{text.save.keepMineMeans}</p>
        </div>
        <footer>
          <Back onClose={onClose} />
        </footer>
      </OperatorDialog>
    )
  return (
    <OperatorDialog title={text.save.title} onClose={onClose}>
      <p>{text.save.for(scopeName)}</p>
      <section>
        <h3>{text.save.changes}</h3>
        <Changes changes={compareLayouts(base.layout, mine)} parts={parts} />
      </section>
      <label className="op-ask-comment">
        {text.save.reason}
        <input
          value={reason}
          maxLength={400}
          placeholder={text.save.reasonHint}
          onChange={(event) => setReason(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && void save(base.revision)}
          data-testid="save-reason"
        />
      </label>
      {problem && (
        <p className="op-problem" role="alert">
          {problem}
        </p>
      )}
      <footer>
        <Back onClose={onClose} />
        <button type="button" className="op-dialog-press" disabled={isSaving} onClick={() => void save(base.revision)} data-testid="save-layout">
          <Save size={22} aria-hidden /> {text.save.save}
        </button>
      </footer>
    </OperatorDialog>
  )
}

function Changes({ changes, parts }: { changes: readonly LayoutChange[]; parts: Parts }) {
  const text = useArrangeText()
  const nameOf = useNameOf(parts)
  const pageName = usePageName()
  const tabName = (tab = '') => (tab in PAGES ? pageName(tab as keyof typeof PAGES) : tab)
  const inWords = ({ kind, tab, shows }: LayoutChange): string => {
    switch (kind) {
      case 'tabs-ordered':
        return text.changes[kind]
      case 'tab-added':
      case 'tab-removed':
      case 'tab-renamed':
        return text.changes[kind](tabName(tab))
      case 'item-added':
      case 'item-removed':
      case 'item-moved':
        return text.changes[kind](shows ? nameOf(shows) : '', tabName(tab))
      default:
        return kind satisfies never
    }
  }
  const lines = changes.map(inWords)
  return (
    <ul className="op-changes">
      {[...new Set(lines)].map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}

/** Tabs without a name of their own are told by their page. */
const PAGES = { status: 1, program: 1, move: 1, setup: 1, work: 1, messages: 1, cell: 1 }
