/** What is arranged and not saved, kept in this window: a reload or a sign-out does not lose it. */
import type { LayoutScope, PanelLayout } from '../../../server/api/panel-layouts.ts'

const KEY = 'cellwright-panel-draft'

interface Draft {
  scope: LayoutScope
  /** What it was when arranging began, and the revision of that. */
  base: { layout: PanelLayout; revision: number }
  layout: PanelLayout
}

export function keepDraft(draft: Draft | undefined): void {
  try {
    if (draft) sessionStorage.setItem(KEY, JSON.stringify(draft))
    else sessionStorage.removeItem(KEY)
  } catch {
    // storage may be forbidden: then it lasts as long as the page
  }
}

/** @param scope only a draft of this layout */
export function keptDraft(scope: LayoutScope): Draft | undefined {
  try {
    const draft = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Draft | null
    const isOfIt = draft?.scope.place === scope.place && draft?.scope.role === scope.role
    return draft && isOfIt && Array.isArray(draft.layout?.tabs) && Array.isArray(draft.base?.layout?.tabs) ? draft : undefined
  } catch {
    return undefined
  }
}
